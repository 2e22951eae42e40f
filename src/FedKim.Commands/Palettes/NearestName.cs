namespace FedKim.Commands.Palettes;

/// <summary>Finds what a mistyped name may have meant.</summary>
public static class NearestName
{
    /// <summary>The name that begins with what was typed, else the one within two edits of it; null when none is near.</summary>
    public static string? To(string given, IEnumerable<string> names)
    {
        var known = names.ToList();
        string? prefixed = given.Length == 0 ? null : known.Find(name => name.StartsWith(given, StringComparison.OrdinalIgnoreCase));
        return prefixed ?? known.Select(name => (name, edits: Edits(given.ToLowerInvariant(), name)))
            .Where(found => found.edits <= 2 && found.edits < found.name.Length)
            .OrderBy(found => found.edits)
            .Select(found => found.name)
            .FirstOrDefault();
    }

    /// <summary>Levenshtein distance.</summary>
    private static int Edits(string left, string right)
    {
        int[] row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[right.Length];
    }
}
