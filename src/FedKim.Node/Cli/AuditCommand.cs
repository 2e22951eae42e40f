using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Audit;
using FedKim.Audit.Reports;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim audit</c>: what left a node, to whom, how protected, and what was refused.</summary>
internal static class AuditCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Create()
    {
        var node = new Option<string?>("--node") { Description = "The node's file." };
        var work = new Option<string?>("--work") { Description = "The node's work folder, or a copy of it." };
        var site = new Option<string?>("--site") { Description = "Only what was exchanged with this site, by the name on its certificate." };
        var json = new Option<bool>("--json") { Description = "Print it as JSON." };
        var html = new Option<string?>("--html") { Description = "Write it to this file as one page of HTML, to be filed." };
        var holds = new Option<string?>("--holds") { Description = "A hash that an earlier report gave for its last line: tells whether the log still has that line." };
        var command = new Command(
            "audit",
            "Prints what left a node, to whom, how protected, what came to it, who was refused, and who changed what. Reads the node's log/audit.jsonl and follows its chain: "
            + "a line that was changed or taken away shows. The node may run meanwhile. Ends with 1 where the chain is broken, or does not hold the line asked for.")
        {
            node, work, site, json, html, holds,
        };
        command.Check(result =>
        {
            if (result.GetValue(node) is null == result.GetValue(work) is null)
                result.AddError("Name the node's file (--node) or its work folder (--work), and not both.");
        });
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(work) is { } named ? Path.GetFullPath(named) : NodeConfiguration.Read(parsed.GetRequiredValue(node)!).Work;
            var report = Read(folder, parsed.GetValue(site), parsed.GetValue(holds));
            if (parsed.GetValue(html) is { } page)
                OutputPaths.Writing($"--html {page}", () => File.WriteAllText(page, AuditPage.Of(report, TimeProvider.System.GetUtcNow())));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(report, Json));
            else
                Console.WriteLine(string.Join('\n', AuditText.Lines(report)));
            return report.Problem is null && report.Holds is not false ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static AuditReport Read(string folder, string? site, string? holds)
    {
        string log = Path.Combine(folder, "log");
        try
        {
            return AuditReport.Read(log, site, holds);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            string[] nodes = Directory.Exists(folder)
                ? [.. Directory.EnumerateDirectories(folder).Where(inner => File.Exists(Path.Combine(inner, "log", AuditLog.Name))).Order(StringComparer.Ordinal)]
                : [];
            throw new InvalidConfigurationException([nodes.Length > 0
                ? $"{folder} is the folder of a run, and each of its nodes has a log of its own. Name one: --work {string.Join(", or --work ", nodes)}"
                : $"{Path.Combine(log, AuditLog.Name)} is not there: no node has worked in {folder}, or its log was taken away. Check the path."]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException([$"{log}: cannot be read: {e.Message} It is the node's account's alone: ask as that account."]);
        }
    }
}
