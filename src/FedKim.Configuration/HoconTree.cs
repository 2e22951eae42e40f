using Akka.Configuration.Hocon;

namespace FedKim.Configuration;

/// <summary>
/// What Akka's parser made of a text, gone through without putting its substitutions in: where it reads a text otherwise than
/// <see cref="HoconOutline"/>, nothing without end comes of it.
/// </summary>
internal sealed class HoconTree
{
    private const int MostDepth = 256;
    private const long MostValues = 1_000_000;

    private readonly Dictionary<object, long> _values = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _within = new(ReferenceEqualityComparer.Instance);
    private string? _problem;

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public static string? Problem(HoconValue root)
    {
        var tree = new HoconTree();
        tree.Count(root, "");
        return tree._problem;
    }

    private long Count(object? element, string path)
    {
        if (element is null || _problem is not null)
            return 0;
        if (_values.TryGetValue(element, out long known))
            return known;
        if (_within.Count > MostDepth)
            _problem = $"{Shown(path)} stands too deep. Write it flatter.";
        else if (!_within.Add(element))
            _problem = $"{Shown(path)} leads back to itself by a substitution. Write out its value.";
        if (_problem is not null)
            return 0;
        long values = 1;
        foreach (var (key, child) in Children(element))
        {
            values += Count(child, key.Length == 0 ? path : path.Length == 0 ? key : $"{path}.{key}");
            if (values > MostValues)
                _problem ??= $"{Shown(path)} stands for too many values. Take over less.";
            if (_problem is not null)
                break;
        }
        _within.Remove(element);
        return _values[element] = values;
    }

    private static IEnumerable<(string Key, object? Child)> Children(object element) => element switch
    {
        HoconObject fields => fields.Items.Select(field => (field.Key, (object?)field.Value)),
        HoconArray items => items.Select(item => ("", (object?)item)),
        HoconSubstitution taken => [("", taken.ResolvedValue)],
        HoconValue value => value.Values.Select(part => ("", (object?)part)),
        _ => [],
    };

    private static string Shown(string path) => path.Length switch
    {
        0 => "it",
        > HoconOutline.MostKeyCharacters => path[..HoconOutline.MostKeyCharacters],
        _ => path,
    };
}
