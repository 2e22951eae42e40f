using FedKim.Commands.Handlers;
using FedKim.Launch.Answers;

namespace FedKim.Launch.Tests;

public sealed class NodePalettesTests
{
    // What pbm, scripts and the pages of the documentation rely on: a name that is not here any more is a break.
    [Fact]
    public void The_palettes_of_a_node_are_well_formed_and_hold_the_commands()
    {
        var palettes = CommandTable.Of<IAnsweringNode>(null!, NodePalettes.All).Palettes;
        string[] expected =
        [
            "node status", "node work", "cluster show",
            "federation submit --text", "federation list", "federation queue", "federation cancel --federation --cause",
            "federation stop --cause --federation", "federation status --federation", "federation resume --federation",
            "federation remove --federation --yes", "federation result --federation", "federation plan --federation", "federation report --federation", "federation routing --federation",
            "round list --federation --last", "round show --federation --round", "round why --federation --round",
            "round timeline --federation --round", "round losses --federation --last", "round replay --federation --round",
            "round diff --federation --first --second",
            "client list", "client drain --site --federation", "client resume --site --federation", "client exclude --site --federation", "plan list", "plan show --plan", "plan text --plan", "plan approve --plan",
            "plan refuse --plan --reason", "journal backup --out", "injector status --injector",
        ];
        Assert.Equal(expected, palettes.All.SelectMany(
            palette => palette.Commands, (palette, command) => string.Join(' ', [palette.Name, command.Name, .. command.Switches.Select(known => $"--{known.Name}")])));
    }
}
