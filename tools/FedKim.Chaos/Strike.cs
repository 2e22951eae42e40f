using System.Globalization;
using System.Text.RegularExpressions;
using FedKim.Chaos.Scenarios;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Launch.Supervision;
using FedKim.Rounds;

namespace FedKim.Chaos;

/// <summary>Strikes one node of a federation that runs already, at a moment that the federation itself tells.</summary>
internal static partial class Strike
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for the moment, strikes, and tells what was struck and where the round stood.</summary>
    /// <param name="address">Where the node answers commands.</param>
    /// <param name="fault"><c>kill</c>, <c>term</c> or <c>stop:10s</c>.</param>
    /// <param name="when">A moment as in scenario files, without <c>when</c>; null for now.</param>
    /// <param name="say">Told what happens.</param>
    /// <param name="cancel">Gives up before the strike; a frozen process is thawed first.</param>
    /// <exception cref="ScenarioException">The fault or the moment is not understood, or the process cannot be signalled.</exception>
    /// <exception cref="CommandException">The node does not answer.</exception>
    public static async Task RunAsync(NodeAddress address, string fault, string? when, Action<string> say, CancellationToken cancel)
    {
        var (signal, time) = Parse(fault);
        await using var client = await CommandClient.ConnectAsync(address, cancel: cancel);
        var node = (await AskAsync(client, "node", "status", cancel))[0];
        int pid = int.Parse(node["pid"].ToString(), CultureInfo.InvariantCulture);
        say($"{node["site"]} ({node["roles"]}) is process {pid}");
        string standing = "";
        if (when is not null)
        {
            var moment = (Moment(when) as Steps.When)!.Moment;
            say($"waiting until {moment}");
            while ((standing = await StandingAsync(client, moment, cancel)).Length == 0)
                await Task.Delay(LookEvery, cancel);
        }

        if (!signal.Send(pid))
            throw new ScenarioException($"Process {pid} of {node["site"]} cannot be signalled from here. Strike on the node's own machine, as its user or as root.");
        say($"{fault} {node["site"]}{(standing.Length > 0 ? $" at {standing}" : "")}");
        if (time is not { } pause)
            return;
        try
        {
            await Task.Delay(pause, cancel);
        }
        finally
        {
            Signal.Continue.Send(pid);
            say($"{node["site"]} goes on");
        }
    }

    private static (Signal Signal, TimeSpan? Time) Parse(string fault) => fault switch
    {
        "kill" => (Signal.Kill, null),
        "term" => (Signal.Terminate, null),
        _ when StopFor().Match(fault) is { Success: true } stop && Words.Time(stop.Groups[1].Value, stop.Groups[2].Value) is { } time => (Signal.Stop, time),
        _ => throw new ScenarioException($"--fault is \"{fault}\"; it is kill, term, or stop with a time such as stop:10s."),
    };

    private static IStep Moment(string when) => ScenarioFile.Parse("--when", $"when {when}")[0].Steps[0];

    // Where the moment has come: where the round stands then. Else nothing.
    private static async Task<string> StandingAsync(CommandClient client, IMoment moment, CancellationToken cancel)
    {
        switch (moment)
        {
            case Moments.RoundIs m:
                var round = (await TryAskAsync(client, "round", "list", cancel)).FirstOrDefault(r => Number(r, "round") == m.Round);
                return round is not null && Enum.Parse<Phase>(round["phase"].ToString()) >= m.Phase && Number(round, "accepted") >= m.Accepted
                    ? $"round {m.Round}: {round["phase"]}, {round["accepted"]} of {round["invited"]} accepted"
                    : "";
            case Moments.RoundHas m:
                bool known = (await TryAskAsync(client, "round", "list", cancel)).Any(r => Number(r, "round") == m.Round);
                int events = known ? (await TryAskAsync(client, "round", "why", cancel, ("round", $"{m.Round}"))).Count : 0;
                return events >= m.Events ? $"round {m.Round}: {events} events" : "";
            case Moments.SiteIs m:
                var site = (await TryAskAsync(client, "client", "list", cancel)).FirstOrDefault(r => r["client"].ToString() == m.Site)
                    ?? (m.Site == "injector" ? (await TryAskAsync(client, "injector", "status", cancel)).FirstOrDefault() : null);
                return site?["activity"].ToString() == m.Activity ? $"{m.Site}: {m.Activity}" : "";
            default:
                throw new ArgumentOutOfRangeException(nameof(moment), moment, "A moment of another version.");
        }
    }

    private static long Number(CommandRow row, string field) => long.Parse(row[field].ToString(), CultureInfo.InvariantCulture);

    // While the federation's server comes back nobody can say where it stands.
    private static async Task<IReadOnlyList<CommandRow>> TryAskAsync(
        CommandClient client, string palette, string command, CancellationToken cancel, params (string Name, string Value)[] switches)
    {
        try
        {
            return await AskAsync(client, palette, command, cancel, switches);
        }
        catch (CommandException e) when (e.Fault == CommandFault.Failed)
        {
            return [];
        }
    }

    private static async Task<IReadOnlyList<CommandRow>> AskAsync(
        CommandClient client, string palette, string command, CancellationToken cancel, params (string Name, string Value)[] switches)
    {
        var rows = new List<CommandRow>();
        var invocation = switches.Aggregate(new CommandInvocation(palette, command), (i, s) => i.With(s.Name, s.Value));
        await foreach (var row in client.InvokeAsync(invocation, cancel))
            rows.Add(row);
        return rows;
    }

    [GeneratedRegex(@"^stop:([\d.]+) ?([a-z]+)$")]
    private static partial Regex StopFor();
}
