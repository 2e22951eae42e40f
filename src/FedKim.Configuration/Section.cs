using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Akka.Configuration.Hocon;
using FedKim.Commands.Palettes;

namespace FedKim.Configuration;

/// <summary>
/// One object of a configuration file, read key by key. A value that is missing or wrong is noted in the file and a harmless one
/// returned, so that reading goes on and finds the rest. Without a fallback a key is required.
/// </summary>
public sealed class Section
{
    // Of what is allowed; a person looks further where it is written.
    private const int MostNames = 20;

    private readonly HoconFile _file;
    private readonly string _path;
    private readonly HoconObject? _values;
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    internal Section(HoconFile file, string path, HoconObject? values)
    {
        (_file, _path, _values) = (file, path, values);
        file.Opened(this);
    }

    /// <summary>The keys that are written, in ordinal order.</summary>
    public IEnumerable<string> Keys => (_values?.Items.Keys ?? Enumerable.Empty<string>()).Order(StringComparer.Ordinal);

    /// <summary>The text at a key.</summary>
    public string Text(string key, string? fallback = null) =>
        Read(key, fallback, (string text, out string value) => (value = text).Length > 0 || fallback?.Length == 0, "a text", "");

    /// <summary>The number at a key, within bounds that belong to it.</summary>
    public T Number<T>(string key, T least, T most, T? fallback = null) where T : struct, INumber<T>, IMinMaxValue<T>
    {
        string upTo = most == T.MaxValue ? $"at least {least}" : $"{least} to {most}";
        string what = typeof(T) == typeof(double) ? "a number" : "a whole number";
        return Read(key, fallback, Parse, $"{what}, {upTo}", least);

        // No thousands are set apart: 0,8 would be 8.
        bool Parse(string text, out T value) =>
            T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
    }

    /// <summary>The share at a key, such as 10 %, above 0 to 1.</summary>
    public double Share(string key, double fallback) =>
        Read(key, fallback, (string text, out double share) => (share = Percent(text) ?? 0) > 0, "a share above 0 %, to 100 %, such as 10 %", 1.0);

    /// <summary>What is on or off, true or false, at a key.</summary>
    public bool Flag(string key, bool? fallback = null) => Choice(key, ["on", "off", "true", "false"], fallback is true ? "on" : "off") is "on" or "true";

    /// <summary>The time at a key; see <see cref="Durations.TryParse"/>.</summary>
    public TimeSpan Duration(string key, TimeSpan? fallback = null) =>
        Read<TimeSpan>(key, fallback, Durations.TryParse, "a time above zero such as 30 seconds, 10 minutes or 2 hours", TimeSpan.FromMinutes(1));

    /// <summary>The text at a key, which must be one of some.</summary>
    /// <param name="key">The key.</param>
    /// <param name="allowed">Those.</param>
    /// <param name="fallback">What it is where nothing is written.</param>
    /// <param name="remedy">What to do about another one, where none of them is meant.</param>
    public string Choice(string key, IReadOnlyList<string> allowed, string? fallback = null, string remedy = "")
    {
        string text = Text(key, fallback);
        if (text.Length == 0 || allowed.Contains(text))
            return text;
        NotAllowed(key, text, allowed, remedy: remedy);
        return allowed[0];
    }

    /// <summary>The list of texts at a key, each of which must be one of some where these are given.</summary>
    public ImmutableArray<string> Texts(string key, IReadOnlyList<string>? allowed = null, IReadOnlyList<string>? fallback = null)
    {
        if (Value(key) is not { } value)
        {
            if (fallback is null)
                Missing(key, "a list such as [a, b]");
            return [.. fallback ?? []];
        }
        // An empty list is nothing that the parser has a name for.
        if (IsNothing(value))
            return [];
        if (!value.IsArray())
        {
            Problem(key, "is not a list; write it in brackets, such as [a, b].");
            return [];
        }
        ImmutableArray<string> texts = [.. value.GetArray().Where(v => !IsNothing(v)).Select(v => v.IsString() ? v.GetString() : "")];
        foreach (string text in texts.Where(t => allowed is not null && !allowed.Contains(t)).Distinct(StringComparer.Ordinal))
            NotAllowed(key, text, allowed!, "contains");
        return texts;
    }

    /// <summary>The object at a key; an empty one, whose required keys are then missing, if there is none.</summary>
    public Section Child(string key)
    {
        var value = Value(key);
        if (value is not null && !value.IsObject())
            Problem(key, $"is \"{value.GetString()}\"; it must be an object in braces.");
        return new Section(_file, $"{_path}.{key}", value is not null && value.IsObject() ? value.GetObject() : null);
    }

    /// <summary>Every object below, by its key, in ordinal order.</summary>
    public IEnumerable<(string Name, Section Section)> Children() => Keys.Select(key => (key, Child(key)));

    /// <summary>Every object below, by its key, in the order in which they are written, for what is shown to people.</summary>
    public IEnumerable<(string Name, Section Section)> ChildrenAsWritten() => (_values?.Items.Keys ?? Enumerable.Empty<string>()).Select(key => (key, Child(key)));

    /// <summary>Everything below a key as settings of another file, where they are checked; none if the key is not written.</summary>
    /// <param name="key">The key, and the first part of the settings' own.</param>
    public ImmutableArray<Override> Settings(string key)
    {
        var settings = ImmutableArray.CreateBuilder<Override>();
        if (Value(key) is { } value)
            Collect(key, value);
        return settings.ToImmutable();

        void Collect(string at, HoconValue written)
        {
            if (written.IsObject())
            {
                foreach (var (name, below) in written.GetObject().Items.OrderBy(item => item.Key, StringComparer.Ordinal))
                    Collect($"{at}.{name}", below);
                return;
            }
            string text = written.IsArray()
                ? $"[{string.Join(", ", written.GetArray().Select(Text))}]"
                : Text(written);
            settings.Add(new Override(at, text, $"{Where(at)} ="));
        }

        // HOCON's null has no text.
        static string Text(HoconValue value) => HoconText.Quoted(value.GetString() ?? "");
    }

    /// <summary>Whether a key is written.</summary>
    public bool Has(string key) => Value(key) is not null;

    /// <summary>Whether a text is written at a key, and no list or object.</summary>
    public bool IsText(string key) => Value(key) is { } value && value.IsString() && !value.IsArray();

    /// <summary>Where a key is written, for people.</summary>
    public string Where(string key) => $"{_file.Where($"{_path}.{key}")}: {_path}.{key}";

    /// <summary>Notes what is wrong with a key's value; see <see cref="HoconFile.Problem"/>.</summary>
    public void Problem(string key, string problem) => _file.Problem($"{_path}.{key}", problem);

    /// <summary>A text such as 10 % as a share, above 0 to 1; null where it is none.</summary>
    internal static double? Percent(string text) =>
        text.EndsWith('%') && double.TryParse(text.TrimEnd('%', ' '), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is > 0 and <= 100
            ? percent / 100
            : null;

    internal void NoteUnknownKeys()
    {
        foreach (string key in Keys.Except(_known))
        {
            string suggestion = NearestName.To(key, _known) is { } near ? $"Did you mean {near}?" : $"Known here: {string.Join(", ", _known)}.";
            Problem(key, $"is not a setting of FedKim. {suggestion}");
        }
    }

    private delegate bool TryParse<T>(string text, out T value);

    private T Read<T>(string key, object? fallback, TryParse<T> parse, string expected, T harmless)
    {
        if (Value(key) is not { } value)
        {
            if (fallback is not null)
                return (T)fallback;
            Missing(key, expected);
            return harmless;
        }
        if (!value.IsString())
            Problem(key, $"must be {expected}, not {(value.IsArray() ? "a list" : "an object in braces")}.");
        else if (!parse(value.GetString() ?? "", out var parsed))
            Problem(key, $"is \"{value.GetString()}\"; it must be {expected}.");
        else
            return parsed;
        return harmless;
    }

    private HoconValue? Value(string key)
    {
        _known.Add(key);
        return _values?.GetKey(key) is { IsEmpty: false } value ? value : null;
    }

    private static bool IsNothing(HoconValue value) => !value.IsArray() && !value.IsString() && !value.IsObject();

    private void Missing(string key, string expected) => Problem(key, $"is missing; set it to {expected}.");

    private void NotAllowed(string key, string text, IReadOnlyList<string> allowed, string verb = "is", string remedy = "")
    {
        string hint = NearestName.To(text, allowed) is { } near ? $" Did you mean {near}?" : remedy;
        string more = allowed.Count > MostNames ? $" and {allowed.Count - MostNames} more" : "";
        Problem(key, $"{verb} \"{text}\"; allowed are {string.Join(", ", allowed.Take(MostNames))}{more}.{hint}");
    }
}
