using System.Collections.Immutable;

namespace FedKim.Commands;

/// <summary>Every command a FedKim node answers. A new command is a line here and a handler bound under its name at the node's start.</summary>
public static class Palettes
{
    public static ImmutableArray<CommandPalette> All { get; } =
    [
        CommandPalette.Named("node", "The node itself.")
            .Command("status", "Shows its site, its roles, its process and what it does.", AnswerShape.Item)
            .Command("work", "Lists what a hospital has trained and sent, a line a round, in all its processes together."),

        CommandPalette.Named("cluster", "The nodes of the cluster as this node sees them.")
            .Command("show", "Lists the nodes with their roles and status."),

        CommandPalette.Named("federation", "The federation that runs, or ran last, and those before it.")
            .Command("submit", "Runs a federation by its file; a plan that was submitted before is not run again.", AnswerShape.Message, command => command
                .Switch("text", "t", "The federation file's text, without includes.", required: true))
            .Command("list", "Lists the federations, the latest last.", limit: CommandDefinition.Long)
            .Command("stop", "Gives the running federation up, and its open round with it.", AnswerShape.Message, command => command
                .Switch("cause", "c", "Why; it stands in the journal and the report.", defaultValue: "stopped by an operator"))
            .Command("status", "Shows the federation, its current round, phase and counts.", AnswerShape.Item, Named)
            .Command("resume", "Tries again what a federation failed at, with all that was accepted.", AnswerShape.Message, OfFederation)
            .Command("remove", "Deletes the model and the adapters of a federation that has ended.", AnswerShape.Message, command => OfFederation(command)
                .Switch("yes", "y", "Meant so.", SwitchKind.Flag))
            .Command("result", "Tells which model and adapters a federation has, and where they are fetched.", AnswerShape.Item, Named)
            .Command("plan", "Prints a federation's plan as JSON.", AnswerShape.Message, Named)
            .Command("report", "Prints the federation's report as JSON: rounds, result, evaluation.", AnswerShape.Message, Named, CommandDefinition.Long),

        CommandPalette.Named("round", "The rounds of a federation.")
            .Command("list", "Lists the rounds with their phase or outcome.", AnswerShape.Rows, command => Named(command)
                .Switch("last", "n", "Only so many, the latest.", SwitchKind.Number), CommandDefinition.Long)
            .Command("show", "Shows one round.", AnswerShape.Item, OfRound)
            .Command("why", "Tells from the journal what happened in one round, in order.", AnswerShape.Rows, OfRound)
            .Command("replay", "Computes a round's aggregate anew from the updates, while they are there.", AnswerShape.Item, OfRound, CommandDefinition.Long)
            .Command("diff", "Compares two rounds by the journal: sites, samples, losses, digests, times.", AnswerShape.Rows, command => Named(command)
                .Switch("first", "a", "One round's number, from 1.", SwitchKind.Number, required: true)
                .Switch("second", "b", "The other's.", SwitchKind.Number, required: true)),

        CommandPalette.Named("client", "The hospitals that take part.")
            .Command("list", "Lists the hospitals with what each is doing."),

        CommandPalette.Named("journal", "The server's journal.")
            .Command("backup", "Copies this server whole, its journal and the weights it names, while it runs; a line a file.", AnswerShape.Stream, command => command
                .Switch("out", "o", "Folder on this node's machine; it must be empty, or not there yet.", required: true)),

        CommandPalette.Named("injector", "The injector of the foundation model.")
            .Command("status", "Shows what the injector is doing.", AnswerShape.Item),
    ];

    private static CommandDefinition Named(CommandDefinition command) =>
        command.Switch("federation", "f", "The federation's name; without it, the one that runs or ran last.");

    private static CommandDefinition OfFederation(CommandDefinition command) => command.Switch("federation", "f", "The federation's name.", required: true);

    private static CommandDefinition OfRound(CommandDefinition command) =>
        Named(command).Switch("round", "r", "The round's number, from 1.", SwitchKind.Number, required: true);
}
