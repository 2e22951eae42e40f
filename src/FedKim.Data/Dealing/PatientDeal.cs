using System.Collections.Immutable;

namespace FedKim.Data.Dealing;

/// <summary>
/// Decides who goes where: private patients to the hospitals, public, development and test ones to the server, 7:1:1:1 by patient
/// (method of arXiv 2408.10276, §4.1). Sources of one pool have their people in common, so that a person's samples of all tasks are in one place.
/// </summary>
/// <remarks>
/// Nobody who is trained on may be measured with. So whom a held-out task asks about is test data for every task of the pool; and whom no
/// task trains on is test data, too, for there is no other use for their samples. Whom a publisher put into a part goes there in every task of the
/// pool, trained or not; only a held-out task takes somebody out of it.
/// </remarks>
public static class PatientDeal
{
    /// <summary>The patients of every place.</summary>
    /// <param name="tasks">Each task with the patients it has samples of.</param>
    /// <param name="sites">Hospital → its weight, not negative and not all 0: the share of private patients it gets, up to a common factor.</param>
    /// <param name="seed">The same seed deals alike.</param>
    /// <param name="published">Pool → patient → the publisher's part, of those tasks that keep it; null where none does.</param>
    /// <returns>Place (a hospital's name or a server's folder) → pool → its patients in ordinal order; every place has every pool.</returns>
    public static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, ImmutableArray<string>>> Of(
        IReadOnlyCollection<(DataTask Task, IReadOnlySet<string> Patients)> tasks, ImmutableSortedDictionary<string, double> sites, long seed,
        IReadOnlyDictionary<string, Dictionary<string, PublishedPart>>? published = null)
    {
        string[] names = [.. sites.Keys];
        double[] weights = [.. sites.Values];
        string[] places = [.. names, Split.Public.ServerFolder, Split.Development.ServerFolder, Split.Test.ServerFolder];
        var byPool = tasks.GroupBy(t => t.Task.Source.Pool, StringComparer.Ordinal).ToDictionary(pool => pool.Key, pool =>
        {
            var trained = pool.Where(t => !t.Task.ZeroShot).SelectMany(t => t.Patients).ToHashSet(StringComparer.Ordinal);
            var heldOut = pool.Where(t => t.Task.Source.HeldOut).SelectMany(t => t.Patients).ToHashSet(StringComparer.Ordinal);
            var parts = published?.GetValueOrDefault(pool.Key);
            return pool.SelectMany(t => t.Patients).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .ToLookup(patient => Place(patient, SplitOf(patient)), StringComparer.Ordinal);

            Split SplitOf(string patient) => heldOut.Contains(patient) ? Split.Test
                : parts is not null && parts.TryGetValue(patient, out var part) ? Kept(seed, patient, part)
                : trained.Contains(patient) ? Splits.Of(seed, patient) : Split.Test;
        });
        return places.ToImmutableSortedDictionary(
            place => place,
            place => byPool.ToImmutableSortedDictionary(pool => pool.Key, pool => pool.Value[place].ToImmutableArray(), StringComparer.Ordinal),
            StringComparer.Ordinal);

        string Place(string patient, Split split) => split == Split.Private ? names[Splits.Deal(seed, patient, weights)] : split.ServerFolder;
    }

    private static Split Kept(long seed, string patient, PublishedPart part) => part switch
    {
        PublishedPart.Test => Split.Test,
        PublishedPart.Development => Split.Development,
        _ => Splits.OfTrain(seed, patient),
    };
}
