using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// The part of the server's public data that is used, drawn patient by patient. People stand in one order for all tasks, so that a smaller share
/// is a part of every larger one, and those who are there for two tasks are drawn for both.
/// </summary>
/// <param name="Share">Of a task's patients, above 0 to 1.</param>
/// <param name="Seed">The federation's.</param>
internal sealed record PublicShare(double Share, long Seed)
{
    /// <summary>Samples of each label that are kept whatever the share, as far as there are any: from fewer nothing is learned.</summary>
    internal const int LeastOfALabel = 4;

    /// <summary>What a plan says of it; null where all public data are used.</summary>
    internal static PublicShare? Of(LearningPlan plan, long seed) => plan.Injection.PublicShare is { } share ? new PublicShare(share, seed) : null;

    /// <summary>Tells what it leaves of the same samples from what another leaves of them.</summary>
    internal string Key => string.Create(CultureInfo.InvariantCulture, $"{Share:R} {Seed}");

    /// <summary>The samples that stay, in the order in which they came.</summary>
    internal ImmutableArray<Sample> Of(ImmutableArray<Sample> samples)
    {
        string[] people = [.. samples.Select(s => s.Patient).Distinct(StringComparer.Ordinal)
            .OrderBy(patient => SeededGenerator.Derive(Seed, "public share", patient).NextBits()).ThenBy(patient => patient, StringComparer.Ordinal)];
        var of = samples.ToLookup(s => s.Patient, StringComparer.Ordinal);
        HashSet<string> kept = [.. people.Take((int)Math.Ceiling(Share * people.Length))];
        foreach (int label in (int[])[0, 1])
        {
            int have = kept.Sum(patient => of[patient].Count(s => s.Label == label));
            foreach (string patient in people.Where(patient => !kept.Contains(patient) && of[patient].Any(s => s.Label == label)).ToArray())
            {
                if (have >= LeastOfALabel)
                    break;
                kept.Add(patient);
                have += of[patient].Count(s => s.Label == label);
            }
        }

        return [.. samples.Where(s => kept.Contains(s.Patient))];
    }
}
