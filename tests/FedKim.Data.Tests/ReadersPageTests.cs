using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using FedKim.Testing;

namespace FedKim.Data.Tests;

/// <summary>The page of the readers' settings is made of what the readers say of themselves.</summary>
public sealed class ReadersPageTests
{
    private const string Write = "FEDKIM_WRITE_DOCS";
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "reference", "readers.md");

    // A package of a test may have added its own.
    private static readonly IReader[] Readers = [.. DataSet.Readers.All
        .Where(reader => reader.GetType().Assembly == typeof(IReader).Assembly).OrderBy(reader => reader.Name, StringComparer.Ordinal)];

    [Fact]
    public void The_page_of_readers_is_the_one_that_they_make()
    {
        string page = Made();
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            File.WriteAllText(Page, page);

        Assert.True(File.ReadAllText(Page) == page, $"docs/reference/readers.md differs from what the readers say: run this test with {Write}=1, and commit.");
    }

    [Fact]
    public void Every_setting_is_one_of_a_source_and_somebodys()
    {
        string[] some = [.. SourceKey.OfSome.Select(key => key.Name)];
        Assert.All(Readers.SelectMany(reader => reader.Keys), key => Assert.Contains(key, some));
        Assert.All(some, key => Assert.Contains(Readers, reader => reader.Keys.Contains(key)));
        Assert.All(Readers.Where(reader => reader.Parts is not { IsEmpty: true }), reader => Assert.Contains("parts", reader.Keys));
        Assert.All(
            [.. SourceKey.OfAll, .. SourceKey.OfSome, .. SourceKey.Of(Modality.Image), .. SourceKey.Of(Modality.Signal), .. SourceKey.Of(Modality.Table)],
            (SourceKey key) => Assert.NotNull(Property(key.Name)));
    }

    // What a source says by no property is a setting that stands on no page.
    [Fact]
    public void Every_property_of_a_source_stands_on_the_page()
    {
        string page = Made();
        var spoken = typeof(TaskSource).GetProperties()
            .Where(property => property.SetMethod is not null && property.Name is not (nameof(TaskSource.Reader) or nameof(TaskSource.Settings)));
        Assert.All(spoken, property => Assert.Contains($"| `{JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name)}` |", page, StringComparison.Ordinal));
    }

    private static string Made()
    {
        var page = new StringBuilder("# Settings of a task's source\n\nMade from what the readers say of themselves: what may stand under `source` of a task in a federation file. Which data set a\nreader reads, in which layout, says [their list](../../src/FedKim.Data/README.md).\n");
        page.Append("\n| reader | reads | parts | its own settings |\n|---|---|---|---|\n");
        foreach (var reader in Readers)
        {
            string parts = reader.Parts switch { null => "the data's folders", { IsEmpty: true } => "", { } own => string.Join(", ", own) };
            page.Append($"| `{reader.Name}` | {reader.Modality.Words}{(reader.AsksEach ? ", a question each" : "")} | {parts} | {string.Join(", ", reader.Keys.Select(key => $"`{key}`"))} |\n");
        }

        Table("Of every reader", SourceKey.OfAll);
        foreach (var modality in (Modality[])[Modality.Image, Modality.Signal, Modality.Table])
            Table($"Of those that read {modality.Words}", SourceKey.Of(modality));
        Table("Of some", SourceKey.OfSome);
        return page.ToString();

        void Table(string title, ImmutableArray<SourceKey> keys)
        {
            page.Append($"\n## {title}\n\n| key | default | |\n|---|---|---|\n");
            foreach (var key in keys)
                page.Append($"| `{key.Name}` | {Default(key.Name)} | {key.Words} |\n");
        }
    }

    private static System.Reflection.PropertyInfo? Property(string key) =>
        typeof(TaskSource).GetProperties().FirstOrDefault(property => JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name) == key);

    private static string Default(string key) => Property(key)!.GetValue(new TaskSource { Reader = "", Path = "" }) switch
    {
        "" => "",
        bool flag => flag ? "`on`" : "`off`",
        Enum choice => $"`{JsonNamingPolicy.KebabCaseLower.ConvertName(choice.ToString())}`",
        string or int => $"`{Property(key)!.GetValue(new TaskSource { Reader = "", Path = "" })}`",
        _ => "",
    };
}
