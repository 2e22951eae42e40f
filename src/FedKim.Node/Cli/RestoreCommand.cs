using System.CommandLine;
using System.Text.Json;
using FedKim.Actors.Journals;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim restore</c>: brings back what <see cref="BackupCommand"/> copied.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "Folder that fedkim backup made.", Required = true };
        var work = new Option<string?>("--work") { Description = "The server's work folder (fedkim.work); it must hold neither a journal nor weights." };
        var file = new Option<string?>("--file") { Description = "The server's node file, in place of --work: its work folder, and the journal it names, a PostgreSQL database too." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("restore", "Brings a server's copy back into an empty work folder, and checks every file by its SHA-256 first.") { from, work, file, json };
        command.Check(result =>
        {
            if ((result.GetValue(work) is null) == (result.GetValue(file) is null))
                result.AddError("Name the server's work folder with --work, or its node file with --file.");
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var node = parsed.GetValue(file) is { } path ? NodeConfiguration.Read(path) : null;
            string folder = Path.GetFullPath(node?.Work ?? parsed.GetValue(work)!);
            try
            {
                PrivateFiles.FromNowOn();
                PrivateFiles.MakeFolder(folder);
                using var own = FolderLock.TryTake(Path.Combine(folder, FedKimProgram.LockName))
                    ?? throw new InvalidConfigurationException([$"{folder}: a node's process works there. Stop it first."]);
                var backup = await Backup.RestoreAsync(Path.GetFullPath(parsed.GetRequiredValue(from)), folder, node?.Journal, cancel);
                Console.WriteLine(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(new { Work = folder, backup.Site, backup.MadeAt, backup.From, Files = backup.Files.Length, backup.Missing },
                        JsonSerializerOptions.Web)
                    : $"{folder} | {backup.Files.Length} files of {backup.Site}, {backup.From}{(backup.Missing.IsEmpty ? "" : $" | missing, to be had from other nodes: {string.Join(", ", backup.Missing)}")}");
                return ExitCodes.Ok;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InvalidConfigurationException([$"The backup cannot be brought back into {folder}: {e.Message}"]);
            }
        });
        return command;
    }
}
