using System.Collections.Immutable;
using System.Data.Common;
using FedKim.Rounds;

namespace FedKim.Actors.Journals;

/// <summary>The weights that a journal names.</summary>
/// <param name="Current">Without these its server cannot go on by itself.</param>
/// <param name="Needed">These, and the results of all its federations that no person has removed.</param>
/// <param name="Named">All that its federations made and go on from.</param>
public sealed record JournalNeeds(ImmutableSortedSet<Digest> Current, ImmutableSortedSet<Digest> Needed, ImmutableSortedSet<Digest> Named)
{
    private static readonly IComparer<Digest> Order = Comparer<Digest>.Create((a, b) => string.CompareOrdinal(a.Hex, b.Hex));

    /// <summary>Reads them from the federation's history, and from those of the open rounds.</summary>
    /// <exception cref="JournalException">The journal cannot be read.</exception>
    public static Task<JournalNeeds> ReadAsync(Journal journal, CancellationToken cancel) => JournalSchema.WithDatabase(journal, database => Read(database, cancel), cancel);

    private static async Task<JournalNeeds> Read(DbConnection database, CancellationToken cancel)
    {
        var named = ImmutableSortedSet.CreateBuilder(Order);
        var federation = new Federation();
        foreach (var row in await JournalRow.Of(database, JournalRow.Federation, cancel))
        {
            if (row.Read().Event is not IFederationEvent e)
                continue;
            federation = FederationRules.Apply(federation, e);
            Digest[] made = e switch
            {
                FederationEvents.Initialized i => [i.GlobalModel, i.Adapter],
                FederationEvents.RoundCommitted r => [r.Aggregate, r.GlobalModel, r.Adapter],
                _ => [],
            };
            named.UnionWith(made);
        }
        // A federation that starts from another goes on from that one's model until it has its own.
        var starts = federation.Running.Where(f => f is { Phase: FederationPhase.Initializing, Plan: { StartsFromFolder: false, StartFrom.Length: > 0 } })
            .Select(f => federation.Named(new FederationId(f.Plan!.StartFrom))).OfType<Federation>();
        List<Digest> current = [.. federation.Running.Append(federation).Concat(starts).SelectMany(f => f.Results)];
        foreach (var open in federation.Running.Select(f => f.OpenRound).OfType<RoundId>())
        {
            foreach (var row in await JournalRow.Of(database, open.ToString(), cancel))
            {
                current.AddRange(row.Read().Event switch
                {
                    RoundEvents.AggregateComputed a => [a.Aggregate],
                    RoundEvents.Injected i => [i.GlobalModel, i.Adapter],
                    _ => [],
                });
            }
        }
        return new JournalNeeds(
            current.ToImmutableSortedSet(Order), current.Concat(federation.All.SelectMany(f => f.Results)).ToImmutableSortedSet(Order), named.ToImmutable());
    }
}
