using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using FedKim.Actors.Journals;
using FedKim.Actors.Repair;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim journal</c>: the servers' journal, its tables and its events. A server makes the tables itself unless its file forbids it.</summary>
internal static class JournalCommand
{
    public static Command Create() => new("journal", "Makes, checks, updates and repairs the servers' journal.")
    {
        Of("init", "Makes the tables in an empty database. Where they are already, nothing changes.", InitAsync),
        Check(),
        Repair(),
        Accept(),
        Of("migrate", "Brings the tables of an older FedKim to this version. Servers must not run meanwhile; keep a copy of the database.", MigrateAsync),
    };

    private static Command Check()
    {
        var (file, json) = (FileArgument(), JsonOption());
        var command = new Command("check", "Reads the whole journal and tells what is wrong with it; changes nothing. Ends with 1 when anything is, or its tables are missing or of another version.") { file, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var (journal, _) = JournalOf(parsed.GetRequiredValue(file));
            var state = await JournalSchema.CheckAsync(journal, cancel);
            var findings = await JournalCheck.RunAsync(journal, cancel);
            Console.WriteLine(parsed.GetValue(json) ? Json(journal, state, findings) : string.Join('\n', [Text(journal, state), .. findings.Select(Line)]));
            return state.IsCurrent && findings.IsEmpty ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Repair()
    {
        var (file, json) = (FileArgument(), JsonOption());
        var command = new Command("repair", "Keeps of a damaged journal what its epochs prove, and a copy of it as it was beside it. No server may run on it meanwhile.") { file, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var (journal, node) = JournalOf(parsed.GetRequiredValue(file));
            using var own = Own(node);
            var done = await JournalRepair.RunAsync(journal, TimeProvider.System, cancel);
            JournalFile.Close(journal);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { journal.Place, done.Copy, Changed = done.Copy.Length > 0, done.Dropped, done.Left }, JsonSerializerOptions.Web)
                : string.Join('\n', [done.Copy.Length == 0 ? $"{journal} | nothing to repair" : $"{journal} | repaired | as it was: {done.Copy}", .. done.Dropped.Select(Line), .. done.Left.Select(Line)]));
            return done.Left.IsEmpty ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Accept()
    {
        var file = FileArgument();
        var command = new Command("accept", "Lets the server go on from what the journal says, though it had come further before: it does again what the journal lacks.") { file };
        command.SetAction(async (parsed, cancel) =>
        {
            var (journal, node) = JournalOf(parsed.GetRequiredValue(file));
            using var own = Own(node);
            await JournalSchema.PrepareAsync(journal, node.CreateJournal, cancel);
            var from = await JournalRepair.AcceptAsync(journal, node.Site, TimeProvider.System, cancel);
            JournalFile.Close(journal);
            Console.WriteLine($"{journal} | goes on from {from}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static IDisposable Own(NodeConfiguration node) => FolderLock.TryTake(Path.Combine(node.Work, "node.lock"))
        ?? throw new InvalidConfigurationException([$"{node.File}: fedkim.work is \"{node.Work}\", in which a node's process works. Stop it first."]);

    private static string Line(JournalFinding finding) =>
        $"{(finding.History.Length == 0 ? "journal" : finding.History)}{(finding.Number > 0 ? $" {finding.Number}" : "")} | {finding.Problem}";

    private static Argument<string> FileArgument() => new("FILE") { Description = "A server's node file; its fedkim.journal names the database." };

    private static Option<bool> JsonOption() => new("--json") { Description = "Print JSON." };

    private static Command Of(string name, string description, Func<Journal, CancellationToken, Task<JournalState>> work)
    {
        var (file, json) = (FileArgument(), JsonOption());
        var command = new Command(name, description) { file, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var (journal, _) = JournalOf(parsed.GetRequiredValue(file));
            var state = await work(journal, cancel);
            Console.WriteLine(parsed.GetValue(json) ? Json(journal, state, []) : Text(journal, state));
            return state.IsCurrent ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<JournalState> InitAsync(Journal journal, CancellationToken cancel)
    {
        var state = await JournalSchema.CheckAsync(journal, cancel);
        return state.Schema < JournalSchema.Version
            ? throw new JournalException($"{journal} has tables of version {state.Schema} already. Bring them to version {JournalSchema.Version} with: fedkim journal migrate")
            : await JournalSchema.CreateAsync(journal, cancel);
    }

    private static async Task<JournalState> MigrateAsync(Journal journal, CancellationToken cancel)
    {
        var state = await JournalSchema.CheckAsync(journal, cancel);
        return state.Schema is null
            ? throw new JournalException($"{journal} has no tables that could be updated. Make them with: fedkim journal init")
            : await JournalSchema.CreateAsync(journal, cancel);
    }

    private static (Journal Journal, NodeConfiguration Node) JournalOf(string path)
    {
        var node = NodeConfiguration.Read(path);
        if (node.Journal is null or { Provider: JournalProvider.Memory })
            throw new InvalidConfigurationException([$"{path}: this node keeps no journal in a database. Name the file of a node with the role server."]);
        PrivateFiles.FromNowOn();
        PrivateFiles.MakeFolder(node.Work);
        return (node.Journal, node);
    }

    private static string Text(Journal journal, JournalState state) => state.Schema is { } schema
        ? $"{journal} | schema {schema}{(state.IsCurrent ? "" : $", this FedKim needs {JournalSchema.Version}")} | {state.Events} events | {state.Federations} federations | {state.Leases} leases"
        : $"{journal} | no tables";

    private static string Json(Journal journal, JournalState state, ImmutableArray<JournalFinding> findings) => JsonSerializer.Serialize(
        new
        {
            Provider = journal.Provider.ToString().ToLowerInvariant(),
            journal.Place,
            state.Schema,
            Current = JournalSchema.Version,
            UpToDate = state.IsCurrent,
            state.Events,
            state.Federations,
            state.Leases,
            Findings = findings,
        },
        JsonSerializerOptions.Web);
}
