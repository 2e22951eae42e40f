using System.Collections.Immutable;
using FedKim.Audit;

namespace FedKim.Attackers;

/// <summary>All attacks, by who attacks.</summary>
public static class Campaign
{
    /// <summary>Those who attack, and how.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<Attack>> Groups { get; } = ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal, new Dictionary<string, ImmutableArray<Attack>>
        {
            ["strangers"] = Strangers.All,
            ["impostors"] = Impostors.All,
            ["liars"] = Liars.All,
            ["members"] = Members.All,
            ["bombs"] = Bombs.All,
            ["floods"] = Floods.All,
        });

    // In this order: a flood stays while the others are tried.
    private static readonly string[] Order = ["floods", "strangers", "impostors", "liars", "bombs", "members"];

    /// <summary>All of them, in the order in which they are tried.</summary>
    public static ImmutableArray<Attack> All { get; } = [.. Order.SelectMany(group => Groups[group])];

    /// <summary>Tries attacks, one after another.</summary>
    public static async Task<IReadOnlyList<Tried>> RunAsync(Target target, IEnumerable<Attack> attacks, CancellationToken cancel)
    {
        var tried = ImmutableArray.CreateBuilder<Tried>();
        foreach (var attack in attacks)
        {
            try
            {
                tried.Add(new Tried(attack.Name, await attack.TryAsync(target, cancel)));
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                tried.Add(new Tried(attack.Name, Outcome.Got($"The attack could not be tried: {e}")));
            }
        }

        return tried.ToImmutable();
    }

    /// <summary>The marks of an attack that a log has not; of what is counted together, a mark stands once a minute.</summary>
    public static ImmutableArray<Mark> Missing(IEnumerable<AuditEntry> log, Outcome outcome) =>
        [.. outcome.Marks.Where(mark => !log.Any(entry => (entry.Kind is AuditKind.Refused or AuditKind.Revoked || entry.Outcome == AuditOutcome.Refused)
            && entry.Peer == mark.Peer && entry.Detail?.Contains(mark.Detail, StringComparison.Ordinal) == true))];

    /// <summary>The same, when the log has had time to be written.</summary>
    public static async Task<ImmutableArray<Mark>> MissingAsync(Target target, Outcome outcome, CancellationToken cancel)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var missing = Missing(target.Audit(), outcome);
            if (missing.IsEmpty || TimeProvider.System.GetElapsedTime(began) > Target.Patience)
                return missing;
            await Task.Delay(100, cancel);
        }
    }
}
