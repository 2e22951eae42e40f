using System.Text.Json;
using CsCheck;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Tests;

public sealed class AnswerTests
{
    private static readonly string Digest = new('a', 64);
    private static readonly CommandRow First = CommandRow.Of(("round", 1), ("phase", "Committed"), ("loss", 0.123456), ("full", true), ("cause", (string?)null));
    private static readonly CommandRow Second = CommandRow.Of(("round", 2), ("phase", "Training"), ("loss", 1e-7), ("full", false), ("cause", "b | c"));

    [Fact]
    public void Rows_are_an_aligned_table_headed_by_the_names_of_its_fields_and_a_count() => Assert.Equal(
        """
        round | phase     |   loss | full | cause
            1 | Committed | 0.1235 | yes  | -
            2 | Training  |  1E-07 | no   | b ¦ c
        Count: 2

        """,
        Written(AnswerShape.Rows, AnswerForm.Table, First, Second));

    [Fact]
    public void Fields_without_any_value_and_the_rest_of_a_digest_are_left_out_unless_everything_is_asked_for()
    {
        var row = CommandRow.Of(("model", Digest), ("loss", double.NaN), ("cause", ""), ("sites", new[] { $"a {Digest}" }), ("note", $"Go on from {Digest}."));

        Assert.Equal($"model        | sites          | note\n", Written(AnswerShape.Rows, AnswerForm.Table, 200, row).Split('\n')[0] + "\n");
        Assert.Contains($"{Digest[..12]} | a {Digest[..12]} | Go on from {Digest}.\n", Written(AnswerShape.Rows, AnswerForm.Table, 200, row), StringComparison.Ordinal);
        Assert.Contains($"{Digest} | -    | -     | a {Digest} | Go on from {Digest}.\n", Written(AnswerShape.Rows, AnswerForm.Wide, row), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_fits_its_width_whatever_is_in_it_and_says_what_it_leaves_out()
    {
        var name = Gen.Int[0, 30].Select(i => $"field{(char)('A' + (i % 26))}{i}");
        var value = Gen.OneOf(Gen.String.Select(text => (CommandValue)text), Gen.Long.Select(number => (CommandValue)number), Gen.Double.Select(number => (CommandValue)number));
        Gen.Select(name, value).Array[1, 14].Array[1, 4].Sample(rows =>
        {
            CommandRow[] all = [.. rows.Select(fields => CommandRow.Of([.. fields.DistinctBy(field => field.Item1)]))];
            Assert.All(Written(AnswerShape.Rows, AnswerForm.Table, all).Split('\n'), line => Assert.True(line.Length <= 80, line));
            Assert.All(Written(AnswerShape.Item, AnswerForm.Table, all[0]).Split('\n'), line => Assert.True(line.Length <= 80, line));
        });
        var wide = CommandRow.Of([.. Enumerable.Range(1, 12).Select(i => ($"field{i}", (CommandValue)new string('x', 20)))]);
        Assert.Contains("\nNot shown: field4, ", Written(AnswerShape.Rows, AnswerForm.Table, wide), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_text_goes_on_under_where_it_began()
    {
        string[] lines = Written(AnswerShape.Rows, AnswerForm.Table, 30, CommandRow.Of(("round", 7), ("cause", "too few sites sent an update in time"))).Split('\n');
        Assert.Equal(["round | cause", "    7 | too few sites sent an", "      | update in time", "Count: 1", ""], lines);
    }

    [Fact]
    public void A_name_is_not_broken_while_there_is_room_for_it_beside_fewer_fields()
    {
        var row = CommandRow.Of(("site", "hospital-in-the-north"), ("round", "rehearsal/17"), ("cause", "it was away"));
        Assert.Equal(
            ["site                  | round", "hospital-in-the-north | rehearsal/17", "Not shown: cause. -o wide shows all.", "Count: 1", ""],
            Written(AnswerShape.Rows, AnswerForm.Table, 36, row).Split('\n'));
    }

    [Fact]
    public void An_instant_is_told_to_the_second_and_whole_where_everything_is_asked_for()
    {
        var row = CommandRow.Of(("at", new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero)));
        Assert.Equal("at\n2026-01-02 03:04:05Z\nCount: 1\n", Written(AnswerShape.Rows, AnswerForm.Table, row));
        Assert.Equal("at\n2026-01-02T03:04:05.678Z\nCount: 1\n", Written(AnswerShape.Rows, AnswerForm.Wide, row));
    }

    [Fact]
    public void What_is_not_seen_is_not_written() =>
        Assert.Equal("cause\na b c d e\nCount: 1\n", Written(AnswerShape.Rows, AnswerForm.Table, CommandRow.Of(("cause", "a\nb\u202Ec\u2028d\u2029e"))));

    [Fact]
    public void Rows_as_JSON_are_an_array_even_when_there_are_none()
    {
        Assert.Equal(
            """[{"round":1,"phase":"Committed","loss":0.123456,"full":true,"cause":null},{"round":2,"phase":"Training","loss":1E-07,"full":false,"cause":"b | c"}]""",
            Written(AnswerShape.Rows, AnswerForm.Json, First, Second).ReplaceLineEndings(""));
        Assert.Equal("[]\n", Written(AnswerShape.Rows, AnswerForm.Json));
    }

    [Fact]
    public void An_item_is_a_line_a_field_or_an_object()
    {
        Assert.Equal("round | 1\nphase | Committed\nloss  | 0.1235\nfull  | yes\n", Written(AnswerShape.Item, AnswerForm.Table, First));
        Assert.StartsWith("""{"round":1,""", Written(AnswerShape.Item, AnswerForm.Json, First), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_is_its_line_or_an_object()
    {
        Assert.Equal("Done.\n", Written(AnswerShape.Message, AnswerForm.Table, CommandRow.Message("Done.")));
        Assert.Equal("""{"message":"Done."}""" + "\n", Written(AnswerShape.Message, AnswerForm.Json, CommandRow.Message("Done.")));
    }

    [Fact]
    public void A_message_that_is_JSON_is_a_line_a_value_and_the_same_JSON() => Assert.Equal(
        "{\n  \"at\": \"10:00+00:00\",\n  \"rounds\": [\n    1\n  ]\n}\n",
        Written(AnswerShape.Message, AnswerForm.Table, CommandRow.Message("""{"at":"10:00\u002B00:00","rounds":[1]}""")));

    [Fact]
    public void A_stream_prints_each_row_as_it_comes()
    {
        var output = new StringWriter();
        var writer = new AnswerWriter(output, AnswerShape.Stream, AnswerForm.Json);
        writer.Row(CommandRow.Of(("tick", 1)));
        Assert.Equal("{\"tick\":1}\n", output.ToString());
        writer.Row(CommandRow.Of(("tick", 2)));
        writer.End();
        Assert.Equal("{\"tick\":1}\n{\"tick\":2}\n", output.ToString());
    }

    [Fact]
    public void A_row_of_a_stream_is_aligned_with_those_before_and_its_last_field_goes_on_under_where_it_began()
    {
        var output = new StringWriter();
        var writer = new AnswerWriter(output, AnswerShape.Stream, AnswerForm.Table, width: 30);
        writer.Row(CommandRow.Of(("round", 7), ("event", "hospital-a sent its update in time")));
        writer.Row(CommandRow.Of(("round", 123456), ("event", "done")));
        Assert.Equal(["round | event", "7     | hospital-a sent its", "      | update in time", "123456 | done", ""], output.ToString().Split('\n'));
    }

    [Fact]
    public void What_breaks_off_prints_nothing()
    {
        var output = new StringWriter();
        new AnswerWriter(output, AnswerShape.Rows, AnswerForm.Json).Row(First);
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
    public void What_is_no_number_becomes_nothing_and_what_JSON_has_no_number_for_a_text() =>
        Assert.Equal("""{"a":null,"b":"Infinity"}""", AnswerWriter.Json(CommandRow.Of(("a", double.NaN), ("b", double.PositiveInfinity))));

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

    private static string Written(AnswerShape shape, AnswerForm form, params CommandRow[] rows) => Written(shape, form, AnswerWriter.UsualWidth, rows);

    private static string Written(AnswerShape shape, AnswerForm form, int width, params CommandRow[] rows)
    {
        var output = new StringWriter();
        var writer = new AnswerWriter(output, shape, form, width);
        foreach (var row in rows)
            writer.Row(row);
        writer.End();
        return output.ToString();
    }
}
