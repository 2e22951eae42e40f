using System.Text.Json;
using CsCheck;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Tests;

public sealed class AnswerTests
{
    private static readonly CommandRow First = CommandRow.Of(("round", 1), ("phase", "Committed"), ("loss", 0.123456), ("full", true), ("cause", (string?)null));
    private static readonly CommandRow Second = CommandRow.Of(("round", 2), ("phase", "Training"), ("loss", 1e-7), ("full", false), ("cause", "b | c"));

    [Fact]
    public void Rows_are_a_line_each_and_a_count() =>
        Assert.Equal("1 | Committed | 0.1235 | yes | -\n2 | Training | 1E-07 | no | b ¦ c\nCount: 2\n", Written(AnswerShape.Rows, false, First, Second));

    [Fact]
    public void What_is_not_seen_is_not_written() =>
        Assert.Equal("a b c d e\nCount: 1\n", Written(AnswerShape.Rows, false, CommandRow.Of(("cause", "a\nb\u202Ec\u2028d\u2029e"))));

    [Fact]
    public void Rows_for_a_terminal_are_headed_by_the_names_of_their_fields() =>
        Assert.StartsWith("round | phase | loss | full | cause\n1 | ", Written(AnswerShape.Rows, false, true, First, Second), StringComparison.Ordinal);

    [Fact]
    public void Rows_as_JSON_are_an_array_even_when_there_are_none()
    {
        Assert.Equal(
            """[{"round":1,"phase":"Committed","loss":0.123456,"full":true,"cause":null},{"round":2,"phase":"Training","loss":1E-07,"full":false,"cause":"b | c"}]""",
            Written(AnswerShape.Rows, true, First, Second).ReplaceLineEndings(""));
        Assert.Equal("[]\n", Written(AnswerShape.Rows, true));
    }

    [Fact]
    public void An_item_is_a_line_and_a_count_or_an_object()
    {
        Assert.EndsWith("\nCount: 1\n", Written(AnswerShape.Item, false, First), StringComparison.Ordinal);
        Assert.StartsWith("""{"round":1,""", Written(AnswerShape.Item, true, First), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_is_its_line_or_an_object()
    {
        Assert.Equal("Done.\n", Written(AnswerShape.Message, false, CommandRow.Message("Done.")));
        Assert.Equal("""{"message":"Done."}""" + "\n", Written(AnswerShape.Message, true, CommandRow.Message("Done.")));
    }

    [Fact]
    public void A_stream_prints_each_row_as_it_comes()
    {
        var output = new StringWriter();
        var writer = new AnswerWriter(output, AnswerShape.Stream, json: true, header: true);
        writer.Row(CommandRow.Of(("tick", 1)));
        Assert.Equal("{\"tick\":1}\n", output.ToString());
        writer.Row(CommandRow.Of(("tick", 2)));
        writer.End();
        Assert.Equal("{\"tick\":1}\n{\"tick\":2}\n", output.ToString());
    }

    [Fact]
    public void What_breaks_off_prints_nothing()
    {
        var output = new StringWriter();
        new AnswerWriter(output, AnswerShape.Rows, json: true, header: false).Row(First);
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public void No_text_breaks_a_line_or_reaches_the_terminal_as_a_control_sequence() =>
        Gen.String.Sample(text =>
        {
            string line = AnswerWriter.Text(CommandRow.Of(("text", text), ("list", new[] { text })));
            Assert.DoesNotContain(line, char.IsControl);
        });

    [Fact]
    public void A_row_comes_back_from_JSON_as_it_was()
    {
        var value = Gen.OneOf(
            Gen.String.Select(text => (CommandValue)text),
            Gen.Long.Select(number => (CommandValue)number),
            Gen.Double.Select(number => (CommandValue)number),
            Gen.Bool.Select(yes => (CommandValue)yes),
            Gen.String.Array[0, 4].Select(texts => (CommandValue)texts),
            Gen.Const(default(CommandValue)));
        value.Array[0, 6].Sample(values =>
        {
            var row = CommandRow.Of([.. values.Select((given, i) => ($"field{i}", given))]);
            string json = AnswerWriter.Json(row);
            Assert.Equal(json, AnswerWriter.Json(JsonSerializer.Deserialize<CommandRow>(json)!));
        });
    }

    [Fact]
    public void Numbers_that_JSON_lacks_become_texts() =>
        Assert.Equal("""{"a":"NaN","b":"Infinity"}""", AnswerWriter.Json(CommandRow.Of(("a", double.NaN), ("b", double.PositiveInfinity))));

    [Fact]
    public void An_instant_is_written_in_UTC() =>
        Assert.Equal("2026-01-02T02:04:05.000Z", AnswerWriter.Text(CommandRow.Of(("at", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1))))));

    [Fact]
    public void A_field_that_is_misnamed_or_there_twice_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CommandRow.Of(("Round", 1)));
        Assert.Throws<ArgumentException>(() => CommandRow.Of(("round number", 1)));
        Assert.Throws<ArgumentException>(() => CommandRow.Of(("round", 1), ("round", 2)));
    }

    private static string Written(AnswerShape shape, bool json, params CommandRow[] rows) => Written(shape, json, false, rows);

    private static string Written(AnswerShape shape, bool json, bool header, params CommandRow[] rows)
    {
        var output = new StringWriter();
        var writer = new AnswerWriter(output, shape, json, header);
        foreach (var row in rows)
            writer.Row(row);
        writer.End();
        return output.ToString();
    }
}
