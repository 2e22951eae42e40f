using System.CommandLine;
using System.Text.Json;
using FedKim.Actors;
using FedKim.Node.Configuration;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim journal</c>: the tables of the servers' journal. A server makes them itself unless its file forbids it.</summary>
internal static class JournalCommand
{
    public static Command Create() => new("journal", "Makes, checks and updates the tables of the servers' journal.")
    {
        Of("init", "Makes the tables in an empty database. Where they are already, nothing changes.", InitAsync),
        Of("check", "Tells what is there and changes nothing. Ends with 1 when the tables are missing or of another version.", JournalSchema.CheckAsync),
        Of("migrate", "Brings the tables of an older FedKim to this version. Servers must not run meanwhile; keep a copy of the database.", MigrateAsync),
    };

    private static Command Of(string name, string description, Func<Journal, CancellationToken, Task<JournalState>> work)
    {
        var file = new Argument<string>("FILE") { Description = "A server's node file; its fedkim.journal names the database." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(name, description) { file, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var journal = JournalOf(parsed.GetRequiredValue(file));
            var state = await work(journal, cancel);
            Console.WriteLine(parsed.GetValue(json) ? Json(journal, state) : Text(journal, state));
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

    private static Journal JournalOf(string path)
    {
        var node = NodeConfiguration.Read(path);
        if (node.Journal is null or { Provider: JournalProvider.Memory })
            throw new InvalidConfigurationException([$"{path}: this node keeps no journal in a database. Name the file of a node with the role server."]);
        Directory.CreateDirectory(node.Work);
        return node.Journal;
    }

    private static string Text(Journal journal, JournalState state) => state.Schema is { } schema
        ? $"{journal} | schema {schema}{(state.IsCurrent ? "" : $", this FedKim needs {JournalSchema.Version}")} | {state.Events} events | {state.Federations} federations | {state.Leases} leases"
        : $"{journal} | no tables";

    private static string Json(Journal journal, JournalState state) => JsonSerializer.Serialize(
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
        },
        JsonSerializerOptions.Web);
}
