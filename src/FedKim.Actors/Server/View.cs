using FedKim.Protocol;
using FedKim.Rounds;

namespace FedKim.Actors;

/// <summary>States as those see them who ask.</summary>
internal static class View
{
    private const int MostFederations = 100;

    /// <summary>A federation at a glance.</summary>
    public static FederationView Of(Federation f) => new(
        f.Plan?.Id.Value ?? "", f.Phase.ToString(), f.Plan?.Seed ?? 0, f.Plan?.Strategy ?? "", f.Plan?.Method ?? "", f.Plan?.Rounds ?? 0,
        f.CommittedRounds, f.OpenRound?.Number ?? 0, [.. (f.Plan?.Clients ?? []).Select(c => c.Value)], f.Plan?.Quorum ?? 0,
        Text(f.GlobalModel), Text(f.Adapter), f.Evaluation, f.Cause, f.Coordinator, f.Epoch);

    /// <summary>The latest federations at a glance, oldest first. Evaluations, which are long, are left out.</summary>
    public static FederationQueries.Federations All(Federation latest) => new(
        [.. latest.Earlier.Add(latest).Where(f => f.Plan is not null).TakeLast(MostFederations).Select(f => Of(f) with { Evaluation = "" })]);

    /// <summary>A round with its clients.</summary>
    /// <param name="r">The round.</param>
    /// <param name="since">How long ago it was so, in a round that is open.</param>
    public static RoundView Of(Round r, TimeSpan since) => Summary(r, since) with
    {
        Accepted = [.. r.Accepted.Select(a => new AcceptedView(a.Key.Value, a.Value.Update.Hex, a.Value.Samples.Total, a.Value.Loss))],
        Dropped = [.. r.Dropped.Select(d => new DroppedView(d.Key.Value, d.Value))],
    };

    /// <summary>A round without its clients.</summary>
    public static RoundView Summary(Round r, TimeSpan since) => new(
        r.Id.Number, r.Phase.ToString(), r.Cause, [.. r.Invited.Select(c => c.Value)], r.Accepted.Count, r.Dropped.Count, r.Quorum,
        [], [], Text(r.Aggregate), Text(r.GlobalModel), Text(r.Adapter), r.InjectionLoss,
        r.Began.TryGetValue(Phase.Opened, out var opened) ? opened.ToUnixTimeMilliseconds() : 0, Times(r, since));

    private static PhaseTime[] Times(Round r, TimeSpan since) =>
    [
        .. r.Began.Keys.Where(p => p is not (Phase.Committed or Phase.Failed)).Select(p => new PhaseTime(
            p.ToString(), (long)(r.Lasted.GetValueOrDefault(p) + (p == r.Phase ? r.Elapsed + since : TimeSpan.Zero)).TotalMilliseconds)),
    ];

    private static string Text(Digest? digest) => digest?.Hex ?? "";
}
