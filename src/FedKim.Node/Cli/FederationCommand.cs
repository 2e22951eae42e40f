using System.CommandLine;
using System.Globalization;
using FedKim.Certificates;
using FedKim.Commands.Client;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Answers;
using FedKim.Launch.Machine;
using FedKim.Launch.Results;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim federation</c>: federations on nodes that run already.</summary>
internal static class FederationCommand
{
    internal static readonly Option<NodeAddress> Node = new("--node")
    {
        Description = "Where a node of the cluster answers commands, as host:port; with --certificate, a server's door.",
        DefaultValueFactory = _ => NodeAddress.Default,
        CustomParser = result =>
        {
            var address = NodeAddress.TryParse(result.Tokens[0].Value);
            if (address is null)
                result.AddError($"--node is \"{result.Tokens[0].Value}\"; it is written host:port, for example {NodeAddress.Default}.");
            return address;
        },
    };

    private static readonly Option<string?> Certificate = new("--certificate")
    {
        Description = "The folder with an operator's or observer's certificate and key: the command is given at a server's door, from another machine.",
        Recursive = true,
    };

    private static readonly Argument<string?> Name = new("NAME") { Description = FederationPalette.Named.Help, Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create() => new("federation", "Runs federations on a cluster that is up.") { Submit(), List(), Queue(), Cancel(), Show(), Diff(), Report(), Stop(), Resume(), Export(), Remove(), Certificate };

    private static Command Submit()
    {
        var file = new Argument<string>("FILE") { Description = "Federation file; see cluster/federations for examples." };
        return Of(FederationPalette.Submit, [file, Node], (parsed, asked) => asked.With(FederationPalette.Text, FederationFile.Parse(parsed.GetRequiredValue(file)).Text));
    }

    private static Command List() => Of(FederationPalette.List, [Node, Json], (_, asked) => asked);

    private static Command Queue() => Of(FederationPalette.Queue, [Node, Json], (_, asked) => asked);

    private static Command Cancel()
    {
        var name = new Argument<string>("NAME") { Description = FederationPalette.Name.Help };
        var cause = Option(FederationPalette.CancelCause);
        return Of(FederationPalette.Cancel, [name, cause, Node], (parsed, asked) => asked
            .With(FederationPalette.Name, parsed.GetValue(name)).With(FederationPalette.CancelCause, parsed.GetValue(cause)));
    }

    private static Command Show()
    {
        var number = new Option<int?>("--round") { Description = "One round in place of the federation." };
        var why = new Option<bool>("--why") { Description = RoundPalette.Why.Help };
        var replay = new Option<bool>("--replay") { Description = RoundPalette.Replay.Help };
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
        command.SetAction((parsed, cancel) =>
        {
            var asked = parsed.GetValue(number) is { } round
                ? (parsed.GetValue(why) ? RoundPalette.Why : parsed.GetValue(replay) ? RoundPalette.Replay : RoundPalette.Show).Asked.With(RoundPalette.Number, Text(round))
                : FederationPalette.Show.Asked;
            return PrintAsync(parsed, asked.With(FederationPalette.Named, parsed.GetValue(Name)), cancel);
        });
        return command;
    }

    private static Command Diff()
    {
        var first = new Argument<int>("A") { Description = RoundPalette.First.Help };
        var second = new Argument<int>("B") { Description = RoundPalette.Second.Help };
        var federation = Option(FederationPalette.Named);
        return Of(RoundPalette.Diff, [first, second, federation, Node, Json], (parsed, asked) => asked
            .With(RoundPalette.First, Text(parsed.GetValue(first)))
            .With(RoundPalette.Second, Text(parsed.GetValue(second)))
            .With(FederationPalette.Named, parsed.GetValue(federation)));
    }

    private static Command Report()
    {
        var path = new Option<string?>("--out") { Description = "File for the report. Without it the report is printed." };
        var command = new Command(FederationPalette.Report.Name, FederationPalette.Report.Help) { Name, path, Node };
        command.SetAction(async (parsed, cancel) =>
        {
            var asked = FederationPalette.Report.Asked.With(FederationPalette.Named, parsed.GetValue(Name));
            if (parsed.GetValue(path) is not { } file)
                return await PrintAsync(parsed, asked, cancel);
            OutputPaths.CheckFile("--out", file);
            using var trust = Trust(parsed);
            await using var client = await ConnectAsync(parsed, trust, cancel);
            await foreach (var row in client.InvokeAsync(asked, cancel))
                OutputPaths.Writing($"--out {file}", () => TextFile.Write(file, row["message"] + "\n"));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Stop()
    {
        var name = new Argument<string?>("NAME") { Description = FederationPalette.Running.Help, Arity = ArgumentArity.ZeroOrOne };
        var cause = Option(FederationPalette.Cause);
        return Of(FederationPalette.Stop, [name, cause, Node], (parsed, asked) => asked
            .With(FederationPalette.Cause, parsed.GetValue(cause)).With(FederationPalette.Running, parsed.GetValue(name)));
    }

    private static Command Resume()
    {
        var name = new Argument<string>("NAME") { Description = FederationPalette.Name.Help };
        return Of(FederationPalette.Resume, [name, Node], (parsed, asked) => asked.With(FederationPalette.Name, parsed.GetValue(name)));
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
        var name = new Argument<string>("NAME") { Description = FederationPalette.Name.Help };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        return Of(FederationPalette.Remove, [name, yes, Node], (parsed, asked) =>
        {
            bool meant = parsed.GetValue(yes) || (!Console.IsInputRedirected && Confirm(parsed.GetRequiredValue(name)));
            return asked.With(FederationPalette.Name, parsed.GetValue(name)).With(FederationPalette.Yes, meant ? "true" : null);
        });
    }

    private static bool Confirm(string name)
    {
        Console.Write($"Delete the model and the adapters of federation {name} from all servers? [y/N] ");
        return Console.ReadLine() is "y" or "yes";
    }

    /// <summary>A command of the node's, under its own name and in its own words.</summary>
    private static Command Of(Command<IAnsweringNode> known, Symbol[] symbols, Func<ParseResult, CommandInvocation, CommandInvocation> complete)
    {
        var command = new Command(known.Name, known.Help);
        foreach (var argument in symbols.OfType<Argument>())
            command.Add(argument);
        foreach (var option in symbols.OfType<Option>())
            command.Add(option);
        command.SetAction((parsed, cancel) => PrintAsync(parsed, complete(parsed, known.Asked), cancel));
        return command;
    }

    private static Option<string?> Option(CommandSwitch known) => new($"--{known.Name}") { Description = known.Help };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static PeerTrust? Trust(ParseResult parsed) =>
        parsed.GetValue(Certificate) is { } folder ? PeerTrust.Load(TrustFiles.In(folder), TimeProvider.System, _ => { }) : null;

    private static Task<CommandClient> ConnectAsync(ParseResult parsed, PeerTrust? trust, CancellationToken cancel) =>
        CommandClient.ConnectAsync(parsed.GetRequiredValue(Node), cancel: cancel, tls: trust is null ? null : new PeerTls(trust).ToServer());

    private static async Task<int> PrintAsync(ParseResult parsed, CommandInvocation invocation, CancellationToken cancel)
    {
        using var trust = Trust(parsed);
        await using var client = await ConnectAsync(parsed, trust, cancel);
        var shape = client.Palettes.Command(invocation.Palette, invocation.Command).Answer;
        var answer = new AnswerWriter(Console.Out, shape, parsed.GetValue(Json) ? AnswerForm.Json : AnswerForm.Table);
        await foreach (var row in client.InvokeAsync(invocation, cancel))
            answer.Row(row);
        answer.End();
        return ExitCodes.Ok;
    }
}
