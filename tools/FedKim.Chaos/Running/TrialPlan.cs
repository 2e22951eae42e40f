using System.Globalization;
using FedKim.Chaos.Scenarios;
using FedKim.Node.Configuration;

namespace FedKim.Chaos.Running;

/// <summary>The federations that scenarios are tried on, as files say them. Neither a name nor a deadline changes what is computed.</summary>
internal static class TrialPlan
{
    /// <summary>Longer than any fault that is not meant to outlast a deadline.</summary>
    private static readonly TimeSpan NoDeadline = TimeSpan.FromMinutes(10);

    /// <summary>The text of a federation file.</summary>
    /// <param name="federation">One of <see cref="Setting.Federations"/>.</param>
    /// <param name="name">The federation's name.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="deadline">How long a phase may last; null for long enough.</param>
    public static string Text(string federation, string name, long seed, TimeSpan? deadline)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "federations", $"{federation}.conf");
        return FederationFile.Parse(file, [.. Overrides(federation, name, seed, deadline ?? NoDeadline)]).Text;
    }

    private static IEnumerable<Override> Overrides(string federation, string name, long seed, TimeSpan deadline)
    {
        yield return Set("name", name);
        yield return Set("seed", seed.ToString(CultureInfo.InvariantCulture));
        yield return Set("deadline", string.Create(CultureInfo.InvariantCulture, $"\"{deadline.TotalSeconds} seconds\""));
        yield return Set("rounds", federation == Setting.Demo ? "1" : "2");
        if (federation == Setting.Demo)
            yield break;
        // Small, so that a round is short; apart, so that each event can be struck; an injection long enough to be struck in.
        yield return Set("rehearsal.mebibytes", "1");
        yield return Set("rehearsal.milliseconds", "300");
        yield return Set("rehearsal.stagger", "700");
    }

    private static Override Set(string key, string value) => new($"federation.{key}", value, "the scenario");
}
