using System.Text.RegularExpressions;

namespace FedKim.Architecture.Tests;

/// <summary>What the documentation says is there is there.</summary>
public sealed partial class DocumentationTests
{
    private const string Write = "FEDKIM_WRITE_DOCS";
    private static readonly string Settings = Path.Combine(Project.Root, "docs", "reference", "configuration.md");

    [Fact]
    public void The_page_of_settings_is_the_one_that_the_reference_makes()
    {
        string page = SettingsPage.Of(File.ReadAllText(Path.Combine(Project.Root, "hocon", "reference.conf")));
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            File.WriteAllText(Settings, page);

        Assert.True(File.ReadAllText(Settings) == page, $"docs/reference/configuration.md differs from hocon/reference.conf: run this test with {Write}=1, and commit.");
    }

    [Fact]
    public void Every_link_to_a_file_leads_to_one()
    {
        var broken = from page in Pages()
                     from link in Link().Matches(File.ReadAllText(page)).Select(m => m.Groups["to"].Value)
                     where !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith('#')
                     let target = Path.Combine(Path.GetDirectoryName(page)!, link.Split('#')[0])
                     where !Path.Exists(target)
                     select $"{Path.GetRelativePath(Project.Root, page)}: {link}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_exit_code_has_its_page()
    {
        string codes = File.ReadAllText(Path.Combine(Project.Root, "src", "FedKim.Launch", "ExitCodes.cs"));
        string[] numbers = [.. Code().Matches(codes).Select(m => m.Groups["number"].Value)];

        Assert.NotEmpty(numbers);
        Assert.All(numbers, number => Assert.True(File.Exists(Path.Combine(Project.Root, "docs", "reference", "exit-codes", $"{number}.md")), number));
    }

    private static IEnumerable<string> Pages() =>
        new[] { "docs", "src", "tools", "samples", ".github" }
            .Select(folder => Path.Combine(Project.Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories))
            .Where(page => !page.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Append(Path.Combine(Project.Root, "README.md"));

    [GeneratedRegex("""\]\((?<to>[^)\s]+)\)""")]
    private static partial Regex Link();

    [GeneratedRegex("""const int \w+ = (?<number>\d+);""")]
    private static partial Regex Code();
}
