using System.CommandLine;
using FedKim.Launch;
using FedKim.Node.Cli.Certs;

namespace FedKim.Node.Cli.Join;

/// <summary><c>fedkim join BUNDLE</c>: from the bundle that an authority has signed to a node that takes part.</summary>
internal static class JoinCommand
{
    public static Command Create()
    {
        var bundle = new Argument<string>("BUNDLE") { Description = "The file that fedkim certs sign has written for this site." };
        var data = new Option<string?>("--data") { Description = "The folder with this site's data. Nothing outside of it is read, and nothing in it leaves the site." };
        var work = new Option<string?>("--work") { Description = "The node's work folder, on a local disk. Without it: work, beside the key." };
        var key = new Option<string?>("--key") { Description = "The folder in which this site's request was made. Without it the key is looked for beside the bundle, in the current folder, and in the folders directly below both." };
        var authority = new Option<string[]>("--authority") { Description = "The authority's eight words, as its keeper has read them out: with others the bundle is refused. Once for each, where the bundle has several." };
        var proxy = Proxy();
        var port = new Option<int>("--pbm-port") { Description = "Where pbm asks the node, on this machine.", DefaultValueFactory = _ => SiteNodeFile.CommandPort };
        port.Require(value => value is >= 1 and <= 65535, "--pbm-port must be from 1 to 65535.");
        var start = new Option<bool>("--start") { Description = "Run the node, in the foreground, if nothing is wrong." };
        var command = new Command("join", "Checks all that a site needs to take part, says what it found, and writes the node's files beside the key. Once more, it changes nothing.")
        {
            bundle, data, work, key, authority, proxy, port, start,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var joining = Joining.Of(
                parsed.GetRequiredValue(bundle), parsed.GetValue(key), parsed.GetValue(authority) ?? [], parsed.GetValue(data), parsed.GetValue(work),
                parsed.GetValue(proxy), parsed.GetValue(port), TimeProvider.System);
            var findings = new List<Finding>();
            await foreach (var finding in joining.CheckAsync(cancel))
            {
                findings.Add(finding);
                Console.WriteLine(finding);
            }
            return await EndAsync(joining, findings, parsed.GetValue(start));
        });
        return command;
    }

    private static async Task<int> EndAsync(Joining joining, List<Finding> findings, bool start)
    {
        Finding[] wrong = [.. findings.Where(finding => finding.IsWrong)];
        string run = $"fedkim node {Shown(joining.Plan.File)}", site = joining.Plan.Id.Site, what = string.Join(", ", wrong.Select(finding => finding.What).Distinct());
        // What stays as it is comes before what may pass.
        int code = wrong.Select(finding => finding.Code).DefaultIfEmpty(ExitCodes.Ok).Min();
        if (code == ExitCodes.Configuration)
        {
            await Console.Error.WriteLineAsync($"{site} cannot join yet: see {what}. Nothing was written. Mend it, and give the same command again.");
            return code;
        }
        var written = joining.Write();
        Console.WriteLine(written.IsEmpty
            ? $"Nothing was written: {Shown(joining.Plan.Folder)} has it all already."
            : $"Written into {Shown(joining.Plan.Folder)}: {string.Join(", ", written)}.");
        if (code != ExitCodes.Ok)
        {
            await Console.Error.WriteLineAsync($"{site} reaches no server: see {what}. Mend it, and give the same command again; or let the node wait for a server: {run}");
            return code;
        }
        if (joining.Running is { } running)
        {
            Console.WriteLine($"{site} takes part already: its node runs as {running}.");
            return ExitCodes.Ok;
        }
        Console.WriteLine($"{site} can take part. Its node {(start ? "starts" : "runs with")}: {run}");
        return start ? await NodeCommand.RunAsync(joining.Plan.File, supervised: false) : ExitCodes.Ok;
    }

    private static Option<Uri?> Proxy() => new("--proxy")
    {
        Description = "The proxy that leads out of the site, as http://host:port.",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens.Single().Value, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" && proxy.AbsolutePath == "/")
                return proxy;
            result.AddError($"--proxy is \"{result.Tokens.Single().Value}\"; write a proxy as http://host:port.");
            return null;
        },
    };

    // As it can be typed where the command was given.
    private static string Shown(string path)
    {
        string near = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        string shown = near.StartsWith("..", StringComparison.Ordinal) ? path : near;
        return shown.Contains(' ', StringComparison.Ordinal) ? $"\"{shown}\"" : shown;
    }
}
