using System.CommandLine;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Answers;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim backup</c>: a whole copy of a running server.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "Folder for the copy, on the node's machine; it must be empty, or not there yet.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print the copy's backup.json." };
        var command = new Command("backup", "Copies a running server whole: its journal and the weights it names, with the SHA-256 of every file. Bring it back with: fedkim restore.") { FederationCommand.Node, folder, json };
        command.SetAction(async (parsed, cancel) =>
        {
            string path = Path.GetFullPath(parsed.GetRequiredValue(folder));
            await using var client = await CommandClient.ConnectAsync(parsed.GetRequiredValue(FederationCommand.Node), CommandLimits.BusyGreeting, cancel);
            List<CommandRow> files = [];
            await foreach (var row in client.InvokeAsync(JournalPalette.Backup.Asked.With(JournalPalette.Out, path), cancel))
                files.Add(row);
            string manifest = Path.Combine(path, "backup.json");
            if (!File.Exists(manifest))
                throw new InvalidConfigurationException([$"--out is \"{path}\": node {client.Node} has written the copy there, on its own machine and not on this one."]);
            if (parsed.GetValue(json))
                Console.WriteLine(await File.ReadAllTextAsync(manifest, cancel));
            else
                files.ForEach(f => Console.WriteLine(string.Join(" | ", f.Fields.Select(v => v.Value.ToString()).Where(v => v is { Length: > 0 }))));
            return ExitCodes.Ok;
        });
        return command;
    }
}
