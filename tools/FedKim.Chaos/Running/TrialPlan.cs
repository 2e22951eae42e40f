using System.Globalization;
using FedKim.Chaos.Scenarios;
using FedKim.Configuration;
using FedKim.Data.Demo;

namespace FedKim.Chaos.Running;

/// <summary>The federations that scenarios are tried on, as files say them. Neither a name nor a deadline changes what is computed.</summary>
internal static class TrialPlan
{
    /// <summary>Longer than any fault that is not meant to outlast a deadline.</summary>
    private static readonly TimeSpan NoDeadline = TimeSpan.FromMinutes(10);

    /// <summary>The text of a federation file.</summary>
    /// <param name="setting">The federation and its size.</param>
    /// <param name="name">The federation's name.</param>
    /// <param name="seed">Its seed.</param>
    public static string Text(Setting setting, string name, long seed)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "federations", $"{setting.Federation}.conf");
        return FederationFile.Parse(file, [.. Overrides(setting, name, seed)]).Text;
    }

    private static IEnumerable<Override> Overrides(Setting setting, string name, long seed)
    {
        yield return Set("name", name);
        yield return Set("seed", seed.ToString(CultureInfo.InvariantCulture));
        yield return Set("deadline", string.Create(CultureInfo.InvariantCulture, $"\"{(setting.Deadline ?? NoDeadline).TotalSeconds} seconds\""));
        yield return Set("rounds", setting.Federation == Setting.Demo ? "1" : setting.Rounds.ToString(CultureInfo.InvariantCulture));
        if (setting.Federation == Setting.Demo)
            yield break;
        yield return Set("clients", $"[{string.Join(", ", Enumerable.Range(0, setting.Hospitals).Select(DemoSites.Name))}]");
        yield return Set("strategy", setting.Strategy);
        // Small, so that a round is short; apart, so that each event can be struck; an injection long enough to be struck in.
        yield return Set("rehearsal.mebibytes", setting.Mebibytes.ToString(CultureInfo.InvariantCulture));
        yield return Set("rehearsal.milliseconds", ((int)(setting.Work?.TotalMilliseconds ?? 300)).ToString(CultureInfo.InvariantCulture));
        yield return Set("rehearsal.stagger", setting.Work is null ? "700" : "0");
    }

    private static Override Set(string key, string value) => new($"federation.{key}", value, "the scenario");
}
