using System.Collections.Immutable;
using CsCheck;
using FedKim.Commands.Palettes;
using FedKim.Commands.Parsing;

namespace FedKim.Commands.Tests;

public sealed class CommandTextTests
{
    private static readonly Gen<string> Word = Gen.String[Gen.OneOf(Gen.Char["ab -='\"\\|\t\nü"], Gen.Char), 0, 12];

    private static readonly string[] Pieces =
        ["round", "list", "show", "-r", "--round", "--round=3", "test", "echo", "-t", "-l", "--json", "help", "-h", "exit", "-", "--", "="];

    [Fact]
    public void Words_joined_to_a_line_are_split_into_the_same_words() =>
        Word.List[0, 8].Sample(words => Assert.Equal(words, CommandText.Split(CommandText.Join(words))));

    [Fact]
    public void An_invocation_written_as_a_line_is_parsed_into_the_same_invocation()
    {
        var palettes = new PaletteSet(TestNode.Palettes);
        var echo = palettes.Command("test", "echo");
        Gen.Select(Word, Gen.Long, Gen.Bool, Gen.Bool).Sample((text, times, loud, json) =>
        {
            var invocation = new CommandInvocation("test", "echo")
                .With("text", text).With("times", times.ToString(System.Globalization.CultureInfo.InvariantCulture)).With("loud", loud ? "true" : "false");
            string line = CommandText.Join(CommandText.Words(echo, invocation)) + (json ? " --json" : "");
            var parsed = Assert.IsType<ParsedLine.Invoke>(CommandParser.Parse(palettes, CommandText.Split(line)));
            Assert.Equal(invocation.Switches.ToImmutableArray(), parsed.Invocation.Switches.ToImmutableArray());
            Assert.Equal(json, parsed.Client.Json);
        });
    }

    [Fact]
    public void Any_line_is_parsed_or_refused_as_usage()
    {
        var palettes = new PaletteSet(TestNode.Palettes);
        var piece = Gen.OneOf(Word, Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]));
        piece.Array[1, 7].Sample(words =>
        {
            try
            {
                Assert.NotNull(CommandParser.Parse(palettes, CommandText.Split(string.Join(' ', words)) is { Count: > 0 } split ? split : words));
            }
            catch (CommandException e)
            {
                Assert.Equal(CommandFault.Usage, e.Fault);
            }
        });
    }

    [Theory]
    [InlineData("round show -r 3")]
    [InlineData("round show --round 3")]
    [InlineData("round show -round 3")]
    [InlineData("round show --round=3")]
    [InlineData("round show -r=\"3\"")]
    [InlineData("  round   show '-r' \"3\" ")]
    public void A_switch_is_read_in_every_form_it_may_be_written(string line)
    {
        var parsed = Assert.IsType<ParsedLine.Invoke>(CommandParser.Parse(new PaletteSet(TestNode.Palettes), CommandText.Split(line)));
        Assert.Equal(3, parsed.Invocation.Number(new CommandSwitch("round", "r", "")));
    }

    [Theory]
    [InlineData("rund show", "Unknown palette 'rund'. Did you mean 'round'? 'help' lists what there is.")]
    [InlineData("round shw", "Unknown command 'round shw'. Did you mean 'show'? 'help round' lists what there is.")]
    [InlineData("round show --rond 3", "Unknown switch '--rond' of 'round show'. Did you mean 'round'? 'help round show' lists what there is.")]
    [InlineData("zzz show", "Unknown palette 'zzz'. 'help' lists what there is.")]
    [InlineData("round", "'round' needs a command: list, show.")]
    [InlineData("round show", "round show: -r is missing: The round's number.")]
    [InlineData("round show -r", "round show: -r needs a value.")]
    [InlineData("round show -r --json", "round show: -r needs a value.")]
    [InlineData("round show -r two", "round show: -r wants a whole number, not 'two'.")]
    [InlineData("round show -r 1 -r 2", "round show: -r is given twice.")]
    [InlineData("round show 3", "round show: '3' follows no switch. 'help round show' shows the switches.")]
    [InlineData("test echo -t x -l=yes", "test echo: -l takes no value.")]
    [InlineData("round list -o wid", "Unknown form of output 'wid'. Did you mean 'wide'? 'help round list' lists what there is.")]
    [InlineData("round list -o", "round list: -o needs a value: table, wide, json.")]
    [InlineData("round list --watch soon", "round list: --watch wants seconds, such as 2, not 'soon'.")]
    [InlineData("test ticks --watch", "test ticks goes on by itself: leave --watch out.")]
    [InlineData("test drop -s a --watch 2", "test drop changes something, and is not said again and again: leave --watch out.")]
    [InlineData("help rund", "Unknown palette 'rund'. Did you mean 'round'? 'help' lists what there is.")]
    [InlineData("round show -r \"3", "A quote \" is left open: round show -r \"3")]
    public void A_wrong_line_is_answered_with_what_to_change(string line, string message)
    {
        var e = Assert.Throws<CommandException>(() => CommandParser.Parse(new PaletteSet(TestNode.Palettes), CommandText.Split(line)));
        Assert.Equal((CommandFault.Usage, message), (e.Fault, e.Message));
    }

    [Theory]
    [InlineData("round list", false, false, false, 0)]
    [InlineData("round list --json", true, false, false, 0)]
    [InlineData("round list -o json", true, false, false, 0)]
    [InlineData("round list -o=wide --watch", false, true, false, 2)]
    [InlineData("round list --watch 0.5 --output wide", false, true, false, 0.5)]
    [InlineData("round list --output table -y", false, false, true, 0)]
    public void What_every_command_can_be_given_is_read_as_its_own_switches_are(string line, bool json, bool wide, bool yes, double watch) => Assert.Equal(
        new ClientSwitches(json, wide, yes, watch == 0 ? null : TimeSpan.FromSeconds(watch)),
        Assert.IsType<ParsedLine.Invoke>(CommandParser.Parse(new PaletteSet(TestNode.Palettes), CommandText.Split(line))).Client);

    [Theory]
    [InlineData("test drop -s a", "Drop a?")]
    [InlineData("test remove --site a", "Drop a?")]
    [InlineData("test drop -s a -y", null)]
    [InlineData("round list", null)]
    public void A_change_is_asked_about_unless_it_is_said_to_be_meant(string line, string? question)
    {
        var parsed = Assert.IsType<ParsedLine.Invoke>(CommandParser.Parse(new PaletteSet(TestNode.Palettes), CommandText.Split(line)));
        Assert.Equal(question, parsed.Question);
    }

    [Theory]
    [InlineData("help", null, null)]
    [InlineData("--help", null, null)]
    [InlineData("help round", "round", null)]
    [InlineData("round --help", "round", null)]
    [InlineData("round help show", "round", "show")]
    [InlineData("round show --help", "round", "show")]
    public void Help_is_asked_for_before_or_after_what_it_is_about(string line, string? palette, string? command) =>
        Assert.Equal(new ParsedLine.Help(palette, command), CommandParser.Parse(new PaletteSet(TestNode.Palettes), CommandText.Split(line)));

    [Theory]
    [InlineData("", "round test help exit")]
    [InlineData("ro", "round")]
    [InlineData("round ", "list show")]
    [InlineData("round s", "show")]
    [InlineData("help ", "round test")]
    [InlineData("help round ", "list show")]
    [InlineData("test echo ", "--text --times --loud --json --watch")]
    [InlineData("test drop ", "--site --json --yes")]
    [InlineData("test remove ", "--site --json --yes")]
    [InlineData("round list --output ", "table wide json")]
    [InlineData("test echo --t", "--text --times")]
    [InlineData("test echo --text ", "")]
    [InlineData("test echo --loud ", "--text --times --json --watch")]
    [InlineData("nothing here ", "")]
    public void Completion_offers_what_may_come_next(string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', Completion.Of(new PaletteSet(TestNode.Palettes), line)));

    [Fact]
    public void Help_names_every_command_and_switch()
    {
        var palettes = new PaletteSet(TestNode.Palettes);
        string everything = HelpText.For(palettes, null, null);
        foreach (var palette in palettes.All)
        {
            foreach (var command in palette.Commands)
            {
                Assert.Contains(command.Name, everything.Split(' ', ',', '\n'));
                Assert.Contains($"{palette.Name} {command.Name}", HelpText.For(palettes, palette.Name, null), StringComparison.Ordinal);
                string own = HelpText.For(palettes, palette.Name, command.Name);
                Assert.All(command.Switches, known => Assert.Contains(known.Help, own, StringComparison.Ordinal));
            }
        }
    }
}
