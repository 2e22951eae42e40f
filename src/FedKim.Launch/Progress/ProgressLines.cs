using System.Globalization;
using FedKim.Launch.Answers;

namespace FedKim.Launch.Progress;

/// <summary>What happened between two looks at the server, a line each. Pure.</summary>
internal static class ProgressLines
{
    // A line for every tenth of the work: enough to see that it moves.
    private const int Tenths = 10;

    public static IEnumerable<string> Between(Snapshot? before, Snapshot now)
    {
        // The next of the queue began since: what was before is another federation's.
        if (before is not null && before.Federation.Federation.Length > 0 && before.Federation.Federation != now.Federation.Federation)
        {
            yield return $"federation {before.Federation.Federation} has ended, and {now.Federation.Federation} begins";
            before = before with { Federation = before.Federation with { Phase = "", Waiting = "" }, Rounds = [] };
        }
        if (before?.Federation.Phase != now.Federation.Phase && Sentence(now.Federation) is { } sentence)
            yield return sentence;
        if (now.Federation.Waiting.Length > 0 && before?.Federation.Waiting != now.Federation.Waiting)
            yield return $"federation {now.Federation.Federation} {now.Federation.Waiting}";
        if (before?.Federation.Waiting.Length > 0 && now.Federation.Waiting.Length == 0)
            yield return $"federation {now.Federation.Federation} waits no longer";
        foreach (var round in now.Rounds)
        {
            var old = before?.Rounds.FirstOrDefault(r => r.Round == round.Round);
            foreach (string line in Between(old, round, now))
                yield return line;
        }
        var earlier = before?.Clients.ToDictionary(c => c.Client, StringComparer.Ordinal);
        foreach (var client in now.Clients)
        {
            foreach (string line in Between(earlier?.GetValueOrDefault(client.Client), client))
                yield return line;
        }
        foreach (string line in Between(before?.Injector, now.Injector))
            yield return line;
    }

    private static string? Sentence(FederationStatus federation) => federation.Phase switch
    {
        "Initializing" => "the injector makes the first model",
        "Evaluating" => "the finished model is being measured",
        "Completed" => $"federation {federation.Federation} is complete: {federation.CommittedRounds} rounds",
        "Failed" => $"federation {federation.Federation} failed: {federation.Cause}",
        "Stopped" => $"federation {federation.Federation} was stopped: {federation.Cause}",
        _ => null,
    };

    private static IEnumerable<string> Between(RoundStatus? before, RoundStatus now, Snapshot all)
    {
        if (before?.Accepted != now.Accepted && now.Accepted > 0)
            yield return $"round {now.Round}: {now.Accepted} of {now.Invited} updates are in";
        if (before?.Phase == now.Phase)
            yield break;
        yield return now.Phase switch
        {
            "Committed" => $"round {now.Round} of {all.Federation.Rounds} is committed after {Seconds(now.Milliseconds)} s",
            "Failed" => $"round {now.Round} failed: {now.Cause}",
            _ => $"round {now.Round}: {now.Phase.ToLowerInvariant()}",
        };
    }

    private static IEnumerable<string> Between(ClientStatus? before, ClientStatus now)
    {
        if (before is not null && before.Present != now.Present || before is null && now.Present)
            yield return now.Present ? $"{now.Client} is here" : $"{now.Client} is silent";
        if (now.Problem.Length > 0 && before?.Problem != now.Problem)
            yield return $"{now.Client}: {now.Problem}";
        if (now.Standing == "dropped" && before?.Standing != "dropped")
            yield return $"{now.Client} is left out of round {now.Round}";
        if (now.Activity == "training" && Tenth(now.Done, now.Total) != (before?.Activity == "training" ? Tenth(before.Done, before.Total) : -1)
            && Tenth(now.Done, now.Total) is 0 or Tenths / 2)
        {
            yield return $"{now.Client} trains: {now.Done} of {now.Total} steps{Loss(now.Loss)}";
        }
    }

    private static IEnumerable<string> Between(InjectorReply? before, InjectorReply now)
    {
        if (before is not null && before.Present != now.Present || before is null && now.Present)
            yield return now.Present ? "the injector is here" : "the injector is silent";
        if (now.Problem.Length > 0 && before?.Problem != now.Problem)
            yield return $"injector: {now.Problem}";
        if (now.Activity is "injecting" or "evaluating" && now.Total > 0
            && (before?.Activity != now.Activity || Tenth(before.Done, before.Total) != Tenth(now.Done, now.Total)))
        {
            yield return $"injector, {now.Activity}: {now.Done} of {now.Total} steps{Loss(now.Loss)}";
        }
    }

    private static int Tenth(long done, long total) => total <= 0 ? 0 : (int)(done * Tenths / total);

    private static string Loss(double loss) => double.IsFinite(loss) ? string.Create(CultureInfo.InvariantCulture, $", loss {loss:0.000}") : "";

    private static string Seconds(long milliseconds) => (milliseconds / 1000.0).ToString("0.0", CultureInfo.InvariantCulture);
}
