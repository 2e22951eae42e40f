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
            .Command("list", "Lists the federations, the latest last.")
            .Command("stop", "Gives the running federation up, and its open round with it.", AnswerShape.Message, command => command
                .Switch("cause", "c", "Why; it stands in the journal and the report.", defaultValue: "stopped by an operator"))
            .Command("status", "Shows the federation, its current round, phase and counts.", AnswerShape.Item)
            .Command("report", "Prints the federation's report as JSON: rounds, result, evaluation.", AnswerShape.Message),

        CommandPalette.Named("round", "The rounds of the federation.")
            .Command("list", "Lists the rounds with their phase or outcome.")
            .Command("show", "Shows one round.", AnswerShape.Item, command => command
                .Switch("round", "r", "The round's number, from 1.", SwitchKind.Number, required: true))
            .Command("why", "Tells from the journal what happened in one round, in order.", AnswerShape.Rows, command => command
                .Switch("round", "r", "The round's number, from 1.", SwitchKind.Number, required: true))
            .Command("replay", "Computes a round's aggregate anew from the updates, while they are there.", AnswerShape.Item, command => command
                .Switch("round", "r", "The round's number, from 1.", SwitchKind.Number, required: true))
            .Command("diff", "Compares two rounds by the journal: sites, samples, losses, digests, times.", AnswerShape.Rows, command => command
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
}
