using System.Text.RegularExpressions;

namespace FedKim.Architecture.Tests;

/// <summary>Rules of the source that a pattern can hold.</summary>
public sealed class HouseRuleTests
{
    private const int MostLines = 350;
    private const int MostColumns = 180;
    private const string Chance = @"\bnew Random\(|\bRandom\.Shared\b";

    [Theory]
    [InlineData(@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b", "take a TimeProvider")]
    [InlineData(Chance, "derive a SeededGenerator")]
    [InlineData(@"(\)|[tT]ask\w*)\.Result\b", "await it")]
    [InlineData(@"\.Wait\(\)", "await it")]
    [InlineData(@"\basync void\b", "return a Task")]
    [InlineData(@"\bFileMode\.(Create|Truncate)\b|\bSetLength\(0\)", "a file that is cut to nothing, even a new one, is written to the disk by ext4 as it is closed: DurableFile.Begin")]
    [InlineData(@"\bThread\.Sleep\(", "await Task.Delay with a TimeProvider, or wait for what is awaited")]
    public void Sources_do_without(string pattern, string instead) => Holds("src", new Regex(pattern), instead);

    [Fact]
    public void Tests_draw_from_seeds() => Holds("tests", new Regex(Chance), "derive a SeededGenerator");

    [Theory]
    [InlineData(@"\b(File|Directory|Path|FileStream|Console|Environment)\.", "the rules of a round know no files and no surroundings")]
    [InlineData(@"\b(TimeProvider|Stopwatch|RandomNumberGenerator|Guid\.NewGuid)\b", "the rules of a round know no clock and no chance")]
    [InlineData(@"\b(async|await|Thread)\b|\bTask[<.]|\block \(", "the rules of a round know no threads")]
    public void The_rules_of_a_round_do_without(string pattern, string why) => Holds("src/FedKim.Rounds", new Regex(pattern), why);

    [Fact]
    public void A_file_is_read_in_one_go() => Problems.None(
        from file in Project.Sources("src")
        let lines = File.ReadLines(file).Count()
        where lines > MostLines
        select $"{Project.Relative(file)} has {lines} lines, and {MostLines} are the most: it holds more than one idea.");

    [Fact]
    public void What_is_internal_is_seen_by_a_projects_own_tests_alone() => Problems.None(
        from file in Directory.EnumerateFiles(Project.Root, "*.csproj", SearchOption.AllDirectories)
        from seen in Regex.Matches(File.ReadAllText(file), @"InternalsVisibleTo Include=""(?<by>[^""]+)""").Select(match => match.Groups["by"].Value)
        where seen != $"{Path.GetFileNameWithoutExtension(file)}.Tests"
        select $"{Project.Relative(file)} shows what is internal to {seen}; make public what it needs, or test it where it is.");

    // A text is wrapped by whoever shows it.
    [Fact]
    public void A_line_is_seen_whole() => Problems.None(
        from folder in (string[])["src", "tools", "tests", "samples"]
        from file in Project.Sources(folder)
        from line in WithoutTexts(File.ReadAllText(file)).Split('\n').Select((text, i) => (Text: text, Number: i + 1))
        where line.Text.Length > MostColumns
        select $"{Project.Relative(file)}:{line.Number} is {line.Text.Length} wide without its texts, and {MostColumns} are the most.");

    private static string WithoutTexts(string source) => Regex.Replace(
        source, @"""""""[\s\S]*?""""""|""(\\.|[^""\\\n])*""", text => "\"\"" + new string('\n', text.Value.Count(c => c == '\n')));

    private static void Holds(string folder, Regex pattern, string instead) => Problems.None(
        from file in Project.Sources(folder)
        from line in File.ReadLines(file).Select((text, i) => (Text: Code(text), Number: i + 1))
        where pattern.IsMatch(line.Text)
        select $"{Project.Relative(file)}:{line.Number}: {line.Text.Trim()} ({instead})");

    // Comments may speak of anything.
    private static string Code(string line) => line.IndexOf("//", StringComparison.Ordinal) is var comment and >= 0 ? line[..comment] : line;
}
