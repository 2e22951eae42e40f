using FedKim.Commands.Client;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Launch.Answers;
using FedKim.Testing;

namespace FedKim.Launch.Tests;

public sealed class NodePalettesTests
{
    private const string Write = "FEDKIM_WRITE_DOCS";
    private static readonly PaletteSet Palettes = CommandTable.Of<IAnsweringNode>(null!, NodePalettes.All).Palettes;

    // What pbm, scripts and the pages of the documentation rely on: a name that is not here any more is a break.
    [Fact]
    public void The_palettes_of_a_node_are_well_formed_and_hold_the_commands()
    {
        string[] expected =
        [
            "node show", "node work", "cluster show", "cluster leader", "cluster tail", "cluster leave --address", "cluster down --address",
            "federation submit --text", "federation list", "federation queue", "federation cancel --federation --cause",
            "federation stop --cause --federation", "federation show --federation", "federation resume --federation",
            "federation remove --federation --yes", "federation result --federation", "federation plan --federation", "federation report --federation", "federation routing --federation",
            "round list --federation --last", "round show --federation --round", "round tail --federation", "round why --federation --round",
            "round timeline --federation --round", "round losses --federation --last", "round replay --federation --round",
            "round diff --federation --first --second", "round pause --federation", "round resume --federation", "round abort --federation --cause",
            "client list", "client show --site", "client drain --site --federation", "client resume --site --federation", "client exclude --site --federation", "plan list", "plan show --plan", "plan text --plan", "plan approve --plan",
            "plan refuse --plan --reason", "injector show --injector", "injector adapters --federation", "injector experts --federation", "transfer list",
            "journal show", "journal tail --last", "journal check", "journal backup --out", "log peek --last", "log tail --last", "log level --level", "certs list",
            "actor hierarchy --most", "system show", "system config", "system gc", "system threads",
        ];
        Assert.Equal(expected, Palettes.All.SelectMany(
            palette => palette.Commands, (palette, command) => string.Join(' ', [palette.Name, command.Name, .. command.Switches.Select(known => $"--{known.Name}")])));
    }

    // Whoever has them in a script need not change it.
    [Theory]
    [InlineData("federation", "status", "show")]
    [InlineData("injector", "status", "show")]
    [InlineData("node", "status", "show")]
    [InlineData("system", "status", "show")]
    public void A_name_that_a_command_had_before_is_heard_as_its_present_one(string palette, string earlier, string name) =>
        Assert.Equal(name, Palettes.Complete(new CommandInvocation(palette, earlier)).Command);

    [Fact]
    public void Whatever_changes_something_is_asked_about_first() => Assert.Equal(
        [
            "cluster leave", "cluster down", "federation submit", "federation cancel", "federation stop", "federation resume", "federation remove",
            "round pause", "round resume", "round abort", "client drain", "client resume", "client exclude", "plan approve", "plan refuse", "log level", "system gc",
        ],
        Palettes.All.SelectMany(palette => palette.Commands.Where(command => command.Question is not null), (palette, command) => $"{palette.Name} {command.Name}"));

    [Fact]
    public void Every_question_names_switches_of_its_command() => Assert.All(
        Palettes.All.SelectMany(palette => palette.Commands).Where(command => command.Question is not null),
        command => Assert.DoesNotContain('{', command.QuestionOf(new CommandInvocation("a", command.Name).With(command.ChangesBy ?? "none", "x"))!));

    [Fact]
    public void The_catalogue_of_pbm_is_that_of_the_palettes()
    {
        string file = Path.Combine(Repository.Root, "tools", "pbm", "catalogue.json"), catalogue = Catalogue.Write(Palettes);
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            File.WriteAllText(file, catalogue);
        using var text = File.OpenRead(file);
        Assert.True(Catalogue.Write(Catalogue.Read(text)) == catalogue, $"tools/pbm/catalogue.json differs from the palettes: run this test with {Write}=1, and commit.");
    }
}
