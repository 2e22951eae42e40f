namespace FedKim.Configuration;

/// <summary>
/// What a configuration becomes once its substitutions are put in. Akka's parser follows a substitution that leads back to itself until the
/// stack ends, and takes over as much as is asked for; so both are found before it sees the text.
/// </summary>
internal sealed class HoconExpansion
{
    /// <summary>Substitutions of a file with what it includes.</summary>
    public const int MostSubstitutions = 1000;

    /// <summary>Substitutions that may lead to each other in a row.</summary>
    public const int MostDepth = 32;

    /// <summary>Characters that all substitutions together may stand for.</summary>
    public const long MostCharacters = 4_000_000;

    private readonly List<(string File, HoconReference Substitution)> _all = [];
    private readonly List<HoconItem> _items = [];
    private readonly Dictionary<int, (long Characters, int Depth)> _known = [];
    private readonly HashSet<int> _within = [];

    private HoconExpansion(IEnumerable<(string Path, HoconOutline Outline)> parts)
    {
        foreach (var (path, outline) in parts)
        {
            _all.AddRange(outline.Substitutions.Select(s => (path, s)));
            _items.AddRange(outline.Items);
        }
    }

    /// <summary>The first thing that is wrong with the substitutions; null where nothing is.</summary>
    /// <param name="parts">The files with their outlines, what they are laid over among them.</param>
    public static string? Problem(IEnumerable<(string Path, HoconOutline Outline)> parts)
    {
        var expansion = new HoconExpansion(parts);
        if (expansion._all.Count > MostSubstitutions)
            return $"{expansion.Where(MostSubstitutions)}: there are more than {MostSubstitutions} substitutions. Write some of them out.";
        try
        {
            long characters = 0;
            for (int i = 0; i < expansion._all.Count; i++)
            {
                expansion.CheckWritten(i);
                characters += expansion.Of(i).Characters;
                if (characters > MostCharacters)
                    return $"{expansion.Where(i)}: the substitutions up to here stand for more than {MostCharacters} characters. Take over less.";
            }
            return null;
        }
        catch (InvalidConfigurationException e)
        {
            return e.Message;
        }
    }

    private void CheckWritten(int i)
    {
        string target = _all[i].Substitution.Target;
        bool written = _items.Any(item => HoconReference.IsAtOrBelow(item.Path, target))
            || _all.Any(other => HoconReference.IsAtOrBelow(target, other.Substitution.At));
        if (!written)
            throw Wrong(i, $"takes over ${{{target}}}, which is written nowhere. Write it, or the value itself.");
    }

    private (long Characters, int Depth) Of(int i)
    {
        if (_known.TryGetValue(i, out var known))
            return known;
        string target = _all[i].Substitution.Target;
        if (!_within.Add(i))
            throw Wrong(i, $"takes over ${{{target}}}, which leads back to itself. Write out the value in one of the two places.");
        if (_within.Count > MostDepth)
            throw Wrong(i, $"is the end of more than {MostDepth} substitutions that lead to each other. Write out one of them.");

        long characters = _items.Where(item => HoconReference.IsAtOrBelow(item.Path, target)).Sum(item => (long)item.Characters);
        int depth = 1;
        for (int other = 0; other < _all.Count; other++)
        {
            if (!HoconReference.Meet(_all[other].Substitution.At, target))
                continue;
            var below = Of(other);
            characters = Math.Min(characters + below.Characters, MostCharacters + 1);
            depth = Math.Max(depth, below.Depth + 1);
        }
        if (depth > MostDepth)
            throw Wrong(i, $"is the start of more than {MostDepth} substitutions that lead to each other. Write out one of them.");
        _within.Remove(i);
        return _known[i] = (characters, depth);
    }

    private string Where(int i) => $"{_all[i].File}:{_all[i].Substitution.Line}";

    private InvalidConfigurationException Wrong(int i, string problem) => new([$"{Where(i)}: {_all[i].Substitution.At} {problem}"]);
}
