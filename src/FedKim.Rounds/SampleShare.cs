namespace FedKim.Rounds;

/// <summary>
/// What share of a round's data counts, by the sites' samples: of this round where a site has contributed, else of its last contribution that
/// counted. A site that never contributed is taken to have as many as the largest one known of those that are wanted. Pure.
/// </summary>
public static class SampleShare
{
    /// <summary>The share of those who contributed, 0 to 1.</summary>
    public static double Of(Round round) => Of(round, missing: false);

    /// <summary>The share if all who are missing contribute as much as is expected of them; they may bring more, or less.</summary>
    public static double Expected(Round round) => Of(round, missing: true);

    /// <summary>How many samples a site is taken to have that says nothing in this round.</summary>
    /// <param name="known">What it had when it last counted; null before.</param>
    /// <param name="largest">The most that anybody has.</param>
    public static double Guess(long? known, long largest) => known ?? Math.Max(1, largest);

    private static double Of(Round round, bool missing)
    {
        // Who was drained or excluded is known, too, and not wanted.
        ClientId[] wanted = [.. round.Wanted];
        long largest = wanted.Select(s => Math.Max(round.Known.GetValueOrDefault(s), round.Accepted.GetValueOrDefault(s)?.Samples.Total ?? 0)).DefaultIfEmpty().Max();
        double here = round.Accepted.Values.Sum(a => (double)a.Samples.Total), away = 0;
        foreach (var site in wanted)
        {
            if (round.Accepted.ContainsKey(site))
                continue;
            double samples = Guess(round.Known.TryGetValue(site, out long known) ? known : null, largest);
            if (missing && !round.Dropped.ContainsKey(site) && !round.LeftOut.ContainsKey(site))
                here += samples;
            else
                away += samples;
        }

        return here + away > 0 ? here / (here + away) : 1;
    }
}
