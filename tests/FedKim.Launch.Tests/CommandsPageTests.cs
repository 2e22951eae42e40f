using System.Text;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Launch.Answers;
using FedKim.Testing;

namespace FedKim.Launch.Tests;

/// <summary>The page of pbm's commands is made of what the palettes say of themselves.</summary>
public sealed class CommandsPageTests
{
    private const string Write = "FEDKIM_WRITE_DOCS";

    private const string Top = """
        # Commands of a node

        Made from what the palettes say of themselves, which `pbm help` shows, too. [pbm](../../src/FedKim.Commands/README.md) says how a line is written, what goes with
        every command and what the exit codes mean. One with a ⚠ changes something: pbm asks first, or wants `-y`; the node notes it in its audit log.

        """;

    private const string End = """

        ## What there is no command for

        - **To bound how fast weights travel.** A node sends as fast as it is asked. Who shares a line with others bounds it there, where all that runs on it is known.
        - **To revoke a certificate.** That takes the authority's key, which lies at no node: `fedkim certs revoke` makes the list, and a running node sees it within two seconds
          ([certificates](../how-to/certificates.md)). `certs list` shows what a node knows of it.
        - **To have the injector write a checkpoint.** It writes them by itself, as often as that costs little, and goes on from the last one when it was stopped or killed.
          `injector adapters` lists what came out of each round.

        """;

    [Fact]
    public void The_page_of_commands_is_the_one_that_the_palettes_make()
    {
        string file = Path.Combine(Repository.Root, "docs", "reference", "commands.md"), page = Made();
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            File.WriteAllText(file, page);
        Assert.True(File.ReadAllText(file) == page, $"docs/reference/commands.md differs from the palettes: run this test with {Write}=1, and commit.");
    }

    private static string Made()
    {
        var page = new StringBuilder(Top);
        foreach (var palette in CommandTable.Of<IAnsweringNode>(null!, NodePalettes.All).Palettes.All)
        {
            page.Append($"\n## {palette.Name}\n\n{palette.Help}\n\n| command | |\n|---|---|\n");
            foreach (var command in palette.Commands)
                page.Append($"| `{Form(palette, command)}` | {(command.Question is null ? "" : "⚠ ")}{command.Help}{Earlier(command)} |\n");
        }

        return page.Append(End).ToString();
    }

    private static string Form(CommandPalette palette, CommandDefinition command) =>
        string.Join(' ', [palette.Name, command.Name, .. command.Switches.Where(known => known.Name != "yes").Select(Form)]);

    private static string Form(CommandSwitch known)
    {
        string form = $"--{known.Name}{known.Kind switch { SwitchKind.Number => " N", SwitchKind.Text => " TEXT", _ => "" }}";
        return known.Required ? form : $"[{form}]";
    }

    private static string Earlier(CommandDefinition command) =>
        command.Earlier is { Count: > 0 } names ? $" Formerly {string.Join(", ", names.Select(name => $"`{name}`"))}." : "";
}
