using FedKim.Chaos.Faults;

namespace FedKim.Chaos.Tests;

public sealed class FileDamageTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("fedkim-damage-").FullName;

    public static TheoryData<string, string> Places => new()
    {
        { "global model", $"weights/{new string('a', 64)}" },
        { "start model", $"weights/{new string('b', 64)}" },
        { "aggregate", $"weights/{new string('b', 64)}" },
        { "moments", $"weights/{new string('b', 64)}" },
        { "adapter", $"weights/{new string('b', 64)}" },
        { "spooled update", $"spool/demo-1/{new string('c', 64)}" },
        { "outbox", "rounds/demo-1/update.safetensors" },
        { "checkpoint", $"rounds/demo-1/checkpoint-{new string('e', 64)}.safetensors" },
        { "injection checkpoint", $"injection/demo-1/checkpoint-{new string('e', 64)}.safetensors" },
        { "injection result", "injection/demo-1/global.safetensors" },
        { "partial transfer", $"spool/demo-1/{new string('d', 64)}.part" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void One_bit_of_the_file_that_is_meant_is_flipped(string kind, string place)
    {
        string path = Path.Combine(_work, place);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [1, 2, 3, 4]);

        Assert.Equal(path, FileDamage.Flip(_work, kind, new string('b', 64)));

        Assert.Equal([1, 2, 3 ^ 0x40, 4], File.ReadAllBytes(path));
    }

    [Fact]
    public void Every_kind_is_tried_here() => Assert.Equal(FileDamage.Files.Order(StringComparer.Ordinal), Places.Select(p => p.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void Where_there_is_no_such_file_nothing_is_damaged() => Assert.All(FileDamage.Files, kind => Assert.Null(FileDamage.Flip(_work, kind, null)));

    [Fact]
    public void A_folder_is_removed_with_all_that_is_in_it()
    {
        Directory.CreateDirectory(Path.Combine(_work, "spool", "demo-1"));

        Assert.True(FileDamage.Remove(_work, "spool"));

        Assert.False(Directory.Exists(Path.Combine(_work, "spool")));
        Assert.False(FileDamage.Remove(_work, "spool"));
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);
}
