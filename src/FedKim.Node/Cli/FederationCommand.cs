using System.CommandLine;
using System.Globalization;
using FedKim.Commands;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Results;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim federation</c>: federations on nodes that run already.</summary>
internal static class FederationCommand
{
    internal static readonly Option<NodeAddress> Node = new("--node")
    {
        Description = "Where a node of the cluster answers commands, as host:port.",
        DefaultValueFactory = _ => NodeAddress.Default,
        CustomParser = result =>
        {
            var address = NodeAddress.TryParse(result.Tokens[0].Value);
            if (address is null)
                result.AddError($"--node is \"{result.Tokens[0].Value}\"; it is written host:port, for example {NodeAddress.Default}.");
            return address;
        },
    };

    private static readonly Argument<string?> Name = new("NAME")
    {
        Description = "The federation's name; without it, the one that runs or ran last.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Federation = new("--federation") { Description = "The federation's name; without it, the one that runs or ran last." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create() => new("federation", "Runs federations on a cluster that is up.") { Submit(), List(), Show(), Diff(), Report(), Stop(), Resume(), Export(), Remove() };

    private static Command Submit()
    {
        var file = new Argument<string>("FILE") { Description = "Federation file; see cluster/federations for examples." };
        var command = new Command("submit", "Runs a federation by its file. A plan that was submitted before is not run again.") { file, Node };
        command.SetAction((parsed, cancel) => PrintAsync(
            parsed, new CommandInvocation("federation", "submit").With("text", FederationFile.Parse(parsed.GetRequiredValue(file)).Text), cancel));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the federations, the latest last.") { Node, Json };
        command.SetAction((parsed, cancel) => PrintAsync(parsed, new CommandInvocation("federation", "list"), cancel));
        return command;
    }

    private static Command Show()
    {
        var number = new Option<int?>("--round") { Description = "One round in place of the federation." };
        var why = new Option<bool>("--why") { Description = "Tell from the round's journal what happened, in order." };
        var replay = new Option<bool>("--replay") { Description = "Compute the round's aggregate anew from its updates, which are there until it ends." };
        var command = new Command("show", "Shows a federation, or one of its rounds.") { Name, number, why, replay, Node, Json };
        command.Check(result =>
        {
            if (result.GetValue(why) && result.GetValue(number) is null)
                result.AddError("--why needs --round: which round?");
            if (result.GetValue(replay) && result.GetValue(number) is null)
                result.AddError("--replay needs --round: which round?");
            if (result.GetValue(why) && result.GetValue(replay))
                result.AddError("--why and --replay answer different questions; ask one at a time.");
        });
        command.SetAction((parsed, cancel) => PrintAsync(
            parsed,
            Of(parsed.GetValue(Name), parsed.GetValue(number) is { } round
                ? new CommandInvocation("round", parsed.GetValue(why) ? "why" : parsed.GetValue(replay) ? "replay" : "show").With("round", round.ToString(CultureInfo.InvariantCulture))
                : new CommandInvocation("federation", "status")),
            cancel));
        return command;
    }

    private static Command Diff()
    {
        var first = new Argument<int>("A") { Description = "One round's number, from 1." };
        var second = new Argument<int>("B") { Description = "The other's." };
        var command = new Command("diff", "Compares two rounds by the journal: sites, samples, losses, digests, times.") { first, second, Federation, Node, Json };
        command.SetAction((parsed, cancel) => PrintAsync(
            parsed,
            Of(parsed.GetValue(Federation), new CommandInvocation("round", "diff")
                .With("first", parsed.GetValue(first).ToString(CultureInfo.InvariantCulture))
                .With("second", parsed.GetValue(second).ToString(CultureInfo.InvariantCulture))),
            cancel));
        return command;
    }

    private static Command Report()
    {
        var path = new Option<string?>("--out") { Description = "File for the report. Without it the report is printed." };
        var command = new Command("report", "Reports on a federation, as JSON.") { Name, path, Node };
        command.SetAction(async (parsed, cancel) =>
        {
            var invocation = Of(parsed.GetValue(Name), new CommandInvocation("federation", "report"));
            if (parsed.GetValue(path) is not { } file)
                return await PrintAsync(parsed, invocation, cancel);
            OutputPaths.CheckFile("--out", file);
            await using var client = await CommandClient.ConnectAsync(parsed.GetRequiredValue(Node), cancel: cancel);
            await foreach (var row in client.InvokeAsync(invocation, cancel))
                OutputPaths.Writing($"--out {file}", () => TextFile.Write(file, row["message"] + "\n"));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Stop()
    {
        var cause = new Option<string?>("--cause") { Description = "Why; it stands in the journal and the report." };
        var command = new Command("stop", "Gives the running federation up, and its open round with it.") { cause, Node };
        command.SetAction((parsed, cancel) =>
        {
            var invocation = new CommandInvocation("federation", "stop");
            return PrintAsync(parsed, parsed.GetValue(cause) is { } why ? invocation.With("cause", why) : invocation, cancel);
        });
        return command;
    }

    private static Command Resume()
    {
        var name = new Argument<string>("NAME") { Description = "The federation's name." };
        var command = new Command("resume", "Tries again what a federation failed at: what was accepted counts, the other sites are asked again.") { name, Node };
        command.SetAction((parsed, cancel) => PrintAsync(parsed, Of(parsed.GetValue(name), new CommandInvocation("federation", "resume")), cancel));
        return command;
    }

    private static Command Export()
    {
        var run = new Option<string?>("--run") { Description = "Folder of a run of fedkim up that has ended, in place of a node." };
        var model = new Option<string?>("--model") { Description = "Folder of the foundation model, for PEFT. Without it, the one that the plan names, where it is here." };
        var folder = new Option<string>("--out") { Description = "A new folder.", Required = true };
        var command = new Command("export", "Writes a federation's encoders, decoders and adapters, its report and plan, and a model card.") { Name, folder, model, run, Node };
        command.SetAction(async (parsed, cancel) =>
        {
            var export = new ResultExport(parsed.GetRequiredValue(folder), parsed.GetValue(model));
            await (parsed.GetValue(run) is { } ended
                ? export.FromRunAsync(ended)
                : export.FromNodeAsync(parsed.GetRequiredValue(Node), parsed.GetValue(Name), cancel));
            Console.WriteLine(parsed.GetRequiredValue(folder));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("NAME") { Description = "The federation's name." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("remove", "Deletes the model and the adapters of a federation that has ended; its report stays.") { name, yes, Node };
        command.SetAction((parsed, cancel) =>
        {
            var invocation = Of(parsed.GetValue(name), new CommandInvocation("federation", "remove"));
            bool meant = parsed.GetValue(yes) || (!Console.IsInputRedirected && Confirm(parsed.GetRequiredValue(name)));
            return PrintAsync(parsed, meant ? invocation.With("yes", "true") : invocation, cancel);
        });
        return command;
    }

    private static bool Confirm(string name)
    {
        Console.Write($"Delete the model and the adapters of federation {name} from all servers? [y/N] ");
        return Console.ReadLine() is "y" or "yes";
    }

    private static CommandInvocation Of(string? name, CommandInvocation invocation) => name is null ? invocation : invocation.With("federation", name);

    private static async Task<int> PrintAsync(ParseResult parsed, CommandInvocation invocation, CancellationToken cancel)
    {
        await using var client = await CommandClient.ConnectAsync(parsed.GetRequiredValue(Node), cancel: cancel);
        var shape = client.Palettes.Command(invocation.Palette, invocation.Command).Answer;
        var answer = new AnswerWriter(Console.Out, shape, parsed.GetValue(Json), header: !Console.IsOutputRedirected);
        await foreach (var row in client.InvokeAsync(invocation, cancel))
            answer.Row(row);
        answer.End();
        return ExitCodes.Ok;
    }
}
