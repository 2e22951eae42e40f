using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Data.Demo;

/// <summary>One folder of the demonstration's data.</summary>
/// <param name="Folder">A site's or a server split's folder, below the demonstration's.</param>
/// <param name="Split">What it holds.</param>
/// <param name="Prevalence">Task → share of patients who have the condition.</param>
internal sealed record DemoPlace(string Folder, Split Split, ImmutableSortedDictionary<string, double> Prevalence);

/// <summary>Somebody with one to three samples.</summary>
/// <param name="Id">Unique over all places and kinds of data.</param>
/// <param name="Samples">1 to 3.</param>
internal sealed record DemoPatient(string Id, int Samples);

/// <summary>Who is where: sites differ up to threefold in size, and in how common each condition is.</summary>
internal sealed class DemoPlaces
{
    private const double SmallestShare = 1, LargestShare = 3, LowestPrevalence = 0.17, HighestPrevalence = 0.40, ServerPrevalence = 0.29;

    private readonly long _seed;
    private readonly double[] _weights;

    public DemoPlaces(int hospitals, long seed)
    {
        _seed = seed;
        _weights = Spread("sizes", hospitals, SmallestShare, LargestShare);
        var prevalences = DemoTasks.Trained
            .Select(task => (Task: task, BySite: Spread(task, hospitals, LowestPrevalence, HighestPrevalence))).ToList();
        Sites =
        [
            .. Enumerable.Range(0, hospitals).Select(site => new DemoPlace(DemoSites.Name(site), Split.Private,
                prevalences.ToImmutableSortedDictionary(p => p.Task, p => p.BySite[site], StringComparer.Ordinal))),
        ];
        Server =
        [
            .. new[] { Split.Public, Split.Development, Split.Test }.Select(split => new DemoPlace(
                split.ServerFolder, split,
                DemoTasks.Trained.ToImmutableSortedDictionary(task => task, _ => ServerPrevalence, StringComparer.Ordinal))),
        ];
    }

    public ImmutableArray<DemoPlace> Sites { get; }

    public ImmutableArray<DemoPlace> Server { get; }

    /// <summary>The patients of one kind of data by place; places without any are left out.</summary>
    /// <param name="kind">First letters of the ids.</param>
    /// <param name="samples">Over all places; does not depend on the number of hospitals.</param>
    /// <param name="notAtTheLastSite">Whether the last of several sites has none of it.</param>
    public IEnumerable<(DemoPlace Place, List<DemoPatient> Patients)> Deal(string kind, int firstId, int samples, bool notAtTheLastSite)
    {
        double[] weights = [.. _weights];
        if (notAtTheLastSite && weights.Length > 1)
            weights[^1] = 0;
        var byPlace = Sites.Concat(Server).ToDictionary(place => place, _ => new List<DemoPatient>());
        for (int id = firstId, left = samples; left > 0; id++)
        {
            string name = FormattableString.Invariant($"{id}");
            int count = Math.Min(left, 1 + SeededGenerator.Derive(_seed, "demo", kind, "visits", id).NextInt(3));
            left -= count;
            var split = Splits.Of(_seed, name);
            var place = split == Split.Private ? Sites[Splits.Deal(_seed, name, weights)] : Server.Single(p => p.Split == split);
            byPlace[place].Add(new DemoPatient(name, count));
        }

        return Sites.Concat(Server).Select(place => (place, byPlace[place])).Where(pair => pair.Item2.Count > 0);
    }

    // Evenly spread values in an order drawn from the seed.
    private double[] Spread(string what, int count, double low, double high)
    {
        double[] values =
        [
            .. Enumerable.Range(0, count).Select(i => count == 1 ? (low + high) / 2 : low + ((high - low) * i / (count - 1))),
        ];
        SeededGenerator.Derive(_seed, "demo", "spread", what).Shuffle<double>(values);
        return values;
    }
}
