namespace FedKim.Commands.Tests;

public sealed class PaletteTests
{
    [Fact]
    public void The_palettes_of_a_node_are_well_formed_and_hold_the_commands()
    {
        var palettes = new PaletteSet(Palettes.All);
        string[] expected = ["cluster show", "federation status", "round list", "round show", "client list", "injector status"];
        Assert.Subset(
            palettes.All.SelectMany(palette => palette.Commands, (palette, command) => $"{palette.Name} {command.Name}").ToHashSet(), expected.ToHashSet());
    }

    [Fact]
    public void A_handler_without_a_definition_fails_when_it_is_bound()
    {
        var e = Assert.Throws<ArgumentException>(() => new CommandTable(TestNode.Palettes).Bind("round forget", (_, _) => Task.FromResult(CommandRow.Of())));
        Assert.Equal("A handler is bound to 'round forget', but no palette defines that command.", e.Message);
    }

    [Fact]
    public async Task A_definition_without_a_handler_fails_at_start()
    {
        var table = new CommandTable([CommandPalette.Named("round", "Rounds.").Command("list", "Lists.").Command("show", "Shows.")])
            .Bind("round list", (_, _) => Task.FromResult(CommandRow.Of()));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => CommandHost.StartAsync(new CommandHostOptions("n") { Port = 0 }, table));
        Assert.Equal("No handler is bound to 'round show'. Bind one, or take the command out of its palette.", e.Message);
    }

    [Fact]
    public void Two_handlers_for_one_command_are_refused()
    {
        var table = new CommandTable(TestNode.Palettes).Bind("round list", (_, _) => Task.FromResult(CommandRow.Of()));
        Assert.Throws<ArgumentException>(() => table.Bind("round list", (_, _) => Task.FromResult(CommandRow.Of())));
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
            [CommandPalette.Named(palette, "").Command(command, "", switches: known => known.Switch(name, shortName, ""))]));

    [Fact]
    public void What_is_defined_twice_is_refused()
    {
        var round = CommandPalette.Named("round", "Rounds.").Command("list", "Lists.");
        Assert.Throws<ArgumentException>(() => new PaletteSet([round, round]));
        Assert.Throws<ArgumentException>(() => new PaletteSet([round.Command("list", "Again.")]));
    }

    [Fact]
    public void A_default_must_be_of_its_switch_s_kind() =>
        Assert.Throws<ArgumentException>(() => new PaletteSet(
            [CommandPalette.Named("round", "").Command("list", "", switches: known => known.Switch("top", null, "", SwitchKind.Number, defaultValue: "all"))]));
}
