using FedKim.Rounds;

namespace FedKim.Data;

/// <summary>Divides data by patient. A patient's place depends on the seed and the patient alone, so that new patients move no old one.</summary>
public static class Splits
{
    /// <summary>The split of a patient: private, public, development and test as 7:1:1:1.</summary>
    public static Split Of(long seed, string patient) => SeededGenerator.Derive(seed, "split", patient).NextInt(10) switch
    {
        < 7 => Split.Private,
        7 => Split.Public,
        8 => Split.Development,
        _ => Split.Test,
    };

    /// <summary>The split of a patient in a publisher's training part: private and public as 7:1.</summary>
    public static Split OfTrain(long seed, string patient) => SeededGenerator.Derive(seed, "split", patient).NextInt(8) < 7 ? Split.Private : Split.Public;

    /// <summary>Deals a private patient to a site.</summary>
    /// <param name="weights">By site, not negative and not all 0: the share of patients that a site gets, up to a common factor.</param>
    /// <returns>The site's index.</returns>
    public static int Deal(long seed, string patient, params ReadOnlySpan<double> weights)
    {
        double total = 0;
        foreach (double weight in weights)
            total += weight;
        double rest = SeededGenerator.Derive(seed, "site", patient).NextDouble() * total;
        int last = -1;
        for (int site = 0; site < weights.Length; site++)
        {
            if (weights[site] <= 0)
                continue;
            last = site;
            rest -= weights[site];
            if (rest < 0)
                break;
        }

        return last >= 0 ? last : throw new ArgumentException("No site has a weight above 0.", nameof(weights));
    }

    /// <summary>Looks for somebody who is in two places, be they splits or sites.</summary>
    /// <param name="places">Folder → patients of one pool; a folder may come several times, once for each task.</param>
    /// <returns>The first such patient with both places, in words; null when nobody crosses.</returns>
    public static string? Crossing(IEnumerable<KeyValuePair<string, IEnumerable<string>>> places)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (place, patients) in places)
        {
            foreach (string patient in patients)
            {
                string known = seen.GetValueOrDefault(patient, place);
                if (known != place)
                    return $"{place}: patient {patient} is also in {known}; keep all samples of a patient in one place.";
                seen[patient] = place;
            }
        }

        return null;
    }
}
