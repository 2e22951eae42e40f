using CsCheck;

namespace FedKim.Configuration.Tests;

public class HoconOutlineTests
{
    [Fact]
    public void Every_key_is_found_on_the_line_it_is_written_on()
    {
        // Each level adds a comment, a scalar, a list and a nested object; the expectation is built beside the text.
        Gen.Int[1, 6].SelectMany(depth => Gen.Bool.Array[depth]).Sample(dotted =>
        {
            var lines = new List<string>();
            var expected = new List<(string Key, int Line)>();
            string path = "";
            for (int level = 0; level < dotted.Length; level++)
            {
                lines.Add("# a = { [ \" comment");
                string name = dotted[level] ? $"a{level}.b{level}" : $"a{level}";
                path = path.Length == 0 ? name : $"{path}.{name}";
                lines.Add($"{name} {{");
                expected.Add((path, lines.Count));
                lines.Add("text = \"x = { y\" # z = 1");
                expected.Add(($"{path}.text", lines.Count));
                lines.Add("list = [");
                expected.Add(($"{path}.list", lines.Count));
                lines.Add("  one, \"two\", 3");
                lines.Add("]");
            }
            lines.Add(new string('}', dotted.Length));

            var outline = HoconOutline.Of(string.Join('\n', lines));

            return outline.Faults.Count == 0 && expected.All(e => outline.LineOf(e.Key) == e.Line);
        });
    }

    [Theory]
    [InlineData("a {\n  b = 1\n", 1, "'{' is never closed")]
    [InlineData("a {\n  b = [1, 2\n}\n", 3, "'}' closes nothing")]
    [InlineData("a = 1\n}\n", 2, "'}' closes nothing")]
    [InlineData("a = 1\nb = \"open\nc = 2\n", 2, "a quoted text is not closed")]
    [InlineData("a = 1\njust some words\n", 2, "has no value")]
    public void What_does_not_match_is_named_with_its_line(string text, int line, string problem) =>
        Assert.Contains(HoconOutline.Of(text).Faults, fault => fault.Line == line && fault.Problem.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void A_key_that_is_written_twice_is_where_it_counts() => Assert.Equal(3, HoconOutline.Of("a = 1\nb = 1\na = 2\n").LineOf("a"));
}
