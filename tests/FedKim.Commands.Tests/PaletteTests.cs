using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Tests;

public sealed class PaletteTests
{
    [Fact]
    public void A_node_s_commands_are_in_palettes_as_they_were_given()
    {
        var palettes = new PaletteSet(TestNode.Palettes);
        Assert.Equal(["round", "test"], palettes.All.Select(palette => palette.Name));
        Assert.Equal(["list", "show"], palettes.Palette("round").Commands.Select(command => command.Name));
    }

    [Fact]
    public void A_command_given_twice_is_refused()
    {
        var list = new Palette<object>("round", "Rounds.").Rows("list", "Lists.", [], (_, _, _) => Task.FromResult<IReadOnlyList<CommandRow>>([]));
        Assert.Throws<ArgumentException>(() => CommandTable.Of(new object(), list, list));
    }

    [Theory]
    [InlineData("Round", "list", "number", "n")]
    [InlineData("help", "list", "number", "n")]
    [InlineData("round", "my list", "number", "n")]
    [InlineData("round", "", "number", "n")]
    [InlineData("round", "list", "json", "n")]
    [InlineData("round", "list", "-x", "n")]
    [InlineData("round", "list", "number", "nn")]
    [InlineData("round", "list", "n", "n")]
    public void A_name_that_a_client_could_not_type_or_mistakes_for_its_own_is_refused(string palette, string command, string name, string shortName) =>
        Assert.Throws<ArgumentException>(() => new PaletteSet(
            [new CommandPalette(palette, "", [new CommandDefinition(command, "", AnswerShape.Rows, [new CommandSwitch(name, shortName, "")])])]));

    [Fact]
    public void What_is_defined_twice_is_refused()
    {
        var list = new CommandDefinition("list", "Lists.", AnswerShape.Rows, []);
        var round = new CommandPalette("round", "Rounds.", [list]);
        Assert.Throws<ArgumentException>(() => new PaletteSet([round, round]));
        Assert.Throws<ArgumentException>(() => new PaletteSet([round with { Commands = [list, list] }]));
    }

    [Fact]
    public void What_a_node_leaves_out_or_limits_beyond_reason_is_refused()
    {
        var list = new CommandDefinition("list", "Lists.", AnswerShape.Rows, []);
        Assert.Throws<ArgumentException>(() => new PaletteSet([null!]));
        Assert.Throws<ArgumentException>(() => new PaletteSet([new CommandPalette("round", "", [null!])]));
        Assert.Throws<ArgumentException>(() => new PaletteSet([new CommandPalette("round", "", [list with { Switches = [null!] }])]));
        Assert.All([double.NaN, -1, 0, 1e300], limit => Assert.Throws<ArgumentException>(() => new PaletteSet([new CommandPalette("round", "", [list with { Limit = limit }])])));
    }

    [Fact]
    public void A_default_must_be_of_its_switch_s_kind() =>
        Assert.Throws<ArgumentException>(() => new PaletteSet(
            [new CommandPalette("round", "", [new CommandDefinition("list", "", AnswerShape.Rows, [new CommandSwitch("top", null, "", SwitchKind.Number, Default: "all")])])]));
}
