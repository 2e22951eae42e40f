using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Akka.Configuration;

namespace FedKim.Configuration;

/// <summary>
/// A configuration file with the files it includes. Everything wrong with it is noted while it is read, so that a person sees all
/// of it at once, each with file, line and key.
/// </summary>
public sealed partial class HoconFile
{
    /// <summary>Characters of a file with everything it includes. The longest of the repository has 26,000.</summary>
    public const int MostCharacters = 500_000;

    /// <summary>Files that one may include, and they themselves, all in all.</summary>
    public const int MostFiles = 100;

    private const int MostProblems = 100;

    private readonly List<(string Path, HoconOutline Outline)> _parts = [];
    private readonly ImmutableArray<Override> _overrides;
    private readonly List<string> _problems = [];
    private int _characters;
    private readonly List<Section> _sections = [];
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal) { "akka" };

    private HoconFile(string path, ImmutableArray<Override> overrides) => (Path, _overrides) = (path, overrides);

    /// <summary>Path of the file as it was given.</summary>
    public string Path { get; }

    /// <summary>The file with its includes and overrides in one text; it means the same wherever it lies.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The parsed text over the defaults.</summary>
    public Config Config { get; private set; } = Config.Empty;

    /// <summary>
    /// Reads a file. A line <c>include "other.conf"</c> outside of all brackets is replaced by that file, found beside the including one;
    /// what is written later wins, key by key.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="defaults">HOCON that the file is laid over.</param>
    /// <param name="overrides">What the command line sets in its place.</param>
    /// <exception cref="InvalidConfigurationException">A file is missing or is no HOCON.</exception>
    public static HoconFile Read(string path, string defaults = "", params ImmutableArray<Override> overrides)
    {
        var file = new HoconFile(path, overrides);
        file.Text = file.Inline(path, []);
        foreach (var o in overrides)
        {
            file._problems.AddRange(HoconOutline.Of($"{o.Key} = {o.Value}").Faults.Select(fault => $"{o.Option} {o.Value}: {fault.Problem}"));
            file.Text += $"{o.Key} = {o.Value}\n";
        }

        return file.Parsed(defaults);
    }

    /// <summary>Reads a text that came without its file. Includes are refused: they would open this node's files for whoever sent it.</summary>
    /// <param name="name">What errors call it.</param>
    /// <param name="text">HOCON.</param>
    /// <exception cref="InvalidConfigurationException">It is no HOCON, is too large, or includes a file.</exception>
    public static HoconFile Of(string name, string text)
    {
        if (text.Length > MostCharacters)
            throw new InvalidConfigurationException([$"{name}: {TooLong}"]);
        var file = new HoconFile(name, []) { Text = text };
        file.Outline(name, IncludeLine().Replace(text, ""));
        if (IncludeLine().IsMatch(text))
            file._problems.Add($"{name}: includes another file. Put the included text in its place.");
        return file.Parsed("");
    }

    /// <summary>The object at a top-level key; an empty one if there is none.</summary>
    public Section Section(string key)
    {
        _known.Add(key);
        return new Section(this, key, Config.GetValue(key) is { } value && value.IsObject() ? value.GetObject() : null);
    }

    /// <summary>Notes what is wrong with a key's value.</summary>
    /// <param name="key">Full key.</param>
    /// <param name="problem">Continues the sentence that starts with the key: what it is, what is allowed, what to do.</param>
    public void Problem(string key, string problem)
    {
        // Nobody reads more of them, and a short text may have very many.
        if (_problems.Count < MostProblems)
            _problems.Add($"{Where(key)}: {key} {problem}");
    }

    /// <summary>Notes what is wrong with another file, to which this one leads; each line once.</summary>
    public void Problems(InvalidConfigurationException other) => _problems.AddRange(other.Problems.Except(_problems));

    /// <summary>Ends the reading.</summary>
    /// <exception cref="InvalidConfigurationException">Something was noted, or a key was never asked for.</exception>
    public void Complete()
    {
        if (Config.Root is not null && Config.Root.IsObject())
        {
            foreach (string key in Config.Root.GetObject().Items.Keys.Except(_known).Order(StringComparer.Ordinal))
                Problem(key, $"is not a part of this file; its parts are {string.Join(", ", _known)}.");
        }
        foreach (var section in _sections)
            section.NoteUnknownKeys();
        ThrowIfWrong();
    }

    internal void Opened(Section section) => _sections.Add(section);

    private static string TooLong => $"it has more than {MostCharacters} characters with what it includes. Shorten it.";

    private HoconFile Parsed(string defaults)
    {
        ThrowIfWrong();
        if (HoconExpansion.Problem([.. _parts, ("the defaults", HoconOutline.Of(defaults))]) is { } problem)
            _problems.Add(problem);
        ThrowIfWrong();
        try
        {
            var parsed = ConfigurationFactory.ParseString($"{defaults}\n{Text}");
            if (HoconTree.Problem(parsed.Root) is { } endless)
                _problems.Add($"{Path}: {endless}");
            else
                Config = parsed;
        }
        catch (Exception e)
        {
            // The parser has no exception of its own: what it cannot read shows in many.
            _problems.Add($"{Path}: it is no HOCON: {e.Message.ReplaceLineEndings(" ")}");
        }
        ThrowIfWrong();
        return this;
    }

    private void ThrowIfWrong()
    {
        if (_problems.Count > 0)
            throw new InvalidConfigurationException(_problems);
    }

    /// <summary>Where a key, or else the object around it, is written: the option, <c>file:line</c>, or the file alone.</summary>
    internal string Where(string key)
    {
        if (_overrides.LastOrDefault(o => o.Key == key) is { } given)
            return $"{given.Option} {given.Value} over {Path}";
        for (string at = key; at.Length > 0; at = at.Contains('.') ? at[..at.LastIndexOf('.')] : "")
        {
            foreach (var (path, outline) in _parts)
            {
                if (outline.LineOf(at) is { } line)
                    return $"{path}:{line}";
            }
        }
        return Path;
    }

    private string Inline(string path, ImmutableArray<string> within)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (within.Contains(full))
        {
            _problems.Add($"{path}: the file includes itself by way of {within[^1]}. Remove one of the two includes.");
            return "";
        }
        string by = within.Length == 0 ? "" : $", which {within[^1]} includes";
        if (_parts.Count == MostFiles)
        {
            // One of them says it for all that follow.
            string problem = $"{path}: the file{by} is one of more than {MostFiles}. Put what they say into fewer.";
            if (_problems.Count == 0)
                _problems.Add(problem);
            return "";
        }
        string text;
        try
        {
            text = ReadBounded(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _problems.Add((e, Directory.Exists(path)) switch
            {
                (_, true) => $"{path}: the path{by} is a folder's. Name a file.",
                (FileNotFoundException or DirectoryNotFoundException, _) => $"{path}: there is no such file{by}. Check the path.",
                (DecoderFallbackException, _) => $"{path}: the file{by} is no text in UTF-8. Save it as UTF-8.",
                _ => $"{path}: the file{by} cannot be read: {e.Message}",
            });
            return "";
        }
        _characters += text.Length;
        if (_characters > MostCharacters)
        {
            if (_problems.Count == 0)
                _problems.Add($"{path}: {TooLong}");
            return "";
        }
        // The line stays, empty, so that the numbers of the lines below it do too.
        Outline(path, IncludeLine().Replace(text, ""));

        string folder = System.IO.Path.GetDirectoryName(path) ?? "";
        return IncludeLine().Replace(text, match => Inline(System.IO.Path.Combine(folder, match.Groups[1].Value), within.Add(full))) + "\n";
    }

    // Whatever the path leads to, be it without end: no more is read than would be used.
    private static string ReadBounded(string path)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        char[] text = new char[MostCharacters + 1];
        return new string(text, 0, reader.ReadBlock(text));
    }

    private void Outline(string path, string text)
    {
        var outline = HoconOutline.Of(text);
        _parts.Add((path, outline));
        _problems.AddRange(outline.Faults.Select(fault => $"{path}:{fault.Line}: {fault.Problem}"));
    }

    [GeneratedRegex("""^include[ \t]+"([^"\r\n]+)"[ \t]*(?:(?:#|//).*)?$""", RegexOptions.Multiline)]
    private static partial Regex IncludeLine();
}
