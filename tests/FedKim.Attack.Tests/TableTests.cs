using System.Text.RegularExpressions;
using FedKim.Attackers;
using FedKim.Testing;

namespace FedKim.Attack.Tests;

/// <summary>The table of attacks in README.md names tests that there are.</summary>
public sealed partial class TableTests
{
    [Fact]
    public void Every_test_that_the_table_names_is_there()
    {
        string sources = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var named = Named().Matches(Table).Select(match => (Class: match.Groups["class"].Value, Test: match.Groups["test"].Value)).ToList();

        Assert.True(named.Count > 20, $"{named.Count} tests are named.");
        Assert.All(named, one =>
        {
            Assert.Contains($"class {one.Class}", sources, StringComparison.Ordinal);
            Assert.Contains($"{one.Test}(", sources, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Everybody_who_attacks_stands_in_it() => Assert.All(Campaign.Groups.Keys, group => Assert.Contains($"| `{group}`", Table, StringComparison.Ordinal));

    private static string Table => File.ReadAllText(Path.Combine(Repository.Root, "tests", "FedKim.Attack.Tests", "README.md"));

    [GeneratedRegex(@"`(?<class>[A-Z]\w+Tests)(\.(?<test>\w+))?`")]
    private static partial Regex Named();
}
