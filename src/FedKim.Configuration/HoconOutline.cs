using System.Buffers;

namespace FedKim.Configuration;

/// <summary>
/// Which key stands on which line of a HOCON text, and where its brackets and quotes do not match. Akka's parser keeps no lines and
/// takes an unclosed bracket for the end of the file, so that a slip would silently change what the file says. It also goes down into as many
/// brackets as there are until the stack ends, and the process with it: what is too deep, too long or too much is refused here.
/// </summary>
internal sealed class HoconOutline
{
    /// <summary>Brackets, and parts of a key, that may stand in each other. FedKim's own settings need ten.</summary>
    public const int MostDepth = 64;

    /// <summary>Characters of a key with everything it stands in.</summary>
    public const int MostKeyCharacters = 500;

    /// <summary>Keys of a text.</summary>
    public const int MostKeys = 20_000;

    // Nobody reads more of them.
    private const int MostFaults = 100;

    private static readonly SearchValues<char> OfAKey = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<(int Line, string Problem)> _faults = [];
    private readonly List<HoconItem> _items = [];
    private readonly List<HoconReference> _substitutions = [];

    private HoconOutline()
    {
    }

    /// <summary>What does not match, in the order of the text.</summary>
    public IReadOnlyList<(int Line, string Problem)> Faults => _faults;

    /// <summary>Every key that is written, as often as it is.</summary>
    public IReadOnlyList<HoconItem> Items => _items;

    /// <summary>Every <c>${…}</c>, in the order of the text.</summary>
    public IReadOnlyList<HoconReference> Substitutions => _substitutions;

    /// <summary>The line, from 1, on which <paramref name="key"/> is last written; null if it is not.</summary>
    public int? LineOf(string key) => _lines.TryGetValue(key, out int line) ? line : null;

    /// <summary>The outline of <paramref name="text"/>.</summary>
    public static HoconOutline Of(string text)
    {
        var outline = new HoconOutline();
        outline.Walk(text);
        return outline;
    }

    private void Walk(string text)
    {
        var open = new Stack<(char Bracket, string Path, int Line)>();
        string prefix = "", key = "";
        bool inValue = false;
        int line = 1, start = 0;

        for (int i = 0; i < text.Length; i++)
        {
            if (_faults.Count >= MostFaults)
                return;
            if (TooMuch() is { } problem)
            {
                // What follows would only be more of it.
                _faults.Add((line, problem));
                return;
            }
            char c = text[i];
            switch (c)
            {
                case '\n':
                    EndOfItem();
                    line++;
                    break;
                case ',' when open.Count == 0 || open.Peek().Bracket == '{':
                    EndOfItem();
                    break;
                case '#':
                case '/' when i + 1 < text.Length && text[i + 1] == '/':
                    i = text.IndexOf('\n', i) is var end and >= 0 ? end - 1 : text.Length;
                    break;
                case '"' when !inValue && text.AsSpan(i).StartsWith("\"\"\""):
                    // Akka's parser sees an empty key, and another one after it.
                    _faults.Add((line, "a key stands in three quotes; write it in one pair of them."));
                    return;
                case '"':
                    int close = CloseOfQuote(text, i);
                    if (close < 0)
                    {
                        _faults.Add((line, "a quoted text is not closed; add the missing \"."));
                        close = text.IndexOf('\n', i) is var eol and >= 0 ? eol - 1 : text.Length - 1;
                    }
                    else if (!inValue)
                    {
                        key += text[(i + 1)..close].Trim('"');
                    }

                    line += text.AsSpan(i, close - i + 1).Count('\n');
                    i = close;
                    break;
                // Akka's parser passes over some of them, and sees keys where nobody else does.
                case '=' or ':' when inValue || (key.Length == 0 && (i == 0 || text[i - 1] != '"')):
                    _faults.Add((line, InList() ? NoPlace(c) : $"'{c}' {(inValue ? "stands in a value outside of quotes; put the value in quotes." : "has no key before it; write one, or remove it.")}"));
                    inValue = true;
                    break;
                case '=' or ':':
                    Found(i);
                    inValue = true;
                    break;
                case '$' when i + 1 < text.Length && text[i + 1] == '{':
                    int brace = text.AsSpan(i).IndexOfAny('}', '\n') is var length and >= 0 ? i + length : text.Length;
                    if (brace == text.Length || text[brace] == '\n')
                    {
                        _faults.Add((line, "a substitution is not closed; add the missing '}' after ${."));
                        i = brace - 1;
                        break;
                    }
                    if (text[(i + 2)..brace].AsSpan().IndexOfAnyExcept(OfAKey) >= 0)
                        _faults.Add((line, $"{text[i..(brace + 1)]} takes nothing over; write ${{key}}: letters, digits, dots, hyphens and underscores, and no question mark."));
                    _substitutions.Add(new HoconReference(Path(), text[(i + 2)..brace], line));
                    i = brace;
                    break;
                case '{':
                    if (!inValue)
                        Found(i);
                    open.Push(('{', prefix, line));
                    prefix = Path();
                    (key, inValue) = ("", false);
                    break;
                case '[' when !inValue:
                    _faults.Add((line, "a list stands where a key should; write key = […]."));
                    return;
                case '[':
                    open.Push(('[', prefix, line));
                    prefix = Path();
                    (key, inValue) = ("", true);
                    break;
                case '}' or ']':
                    if (c == '}')
                        EndOfItem();
                    if (open.Count == 0 || open.Peek().Bracket != (c == '}' ? '{' : '['))
                    {
                        _faults.Add((line, $"'{c}' closes nothing; remove it or open its pair before."));
                        break;
                    }
                    prefix = open.Pop().Path;
                    (key, inValue) = ("", open.Count > 0 && open.Peek().Bracket == '[');
                    break;
                case '\r' when i + 1 < text.Length && text[i + 1] == '\n':
                    break;
                case not (' ' or '\t') when char.IsWhiteSpace(c) || char.IsControl(c) || c == '\ufeff':
                    _faults.Add((line, $"the invisible character U+{(int)c:X4} stands outside of quotes; remove it."));
                    break;
                default:
                    if (InList() && HasNoPlaceInAList(c))
                        _faults.Add((line, NoPlace(c)));
                    if (!inValue && !char.IsWhiteSpace(c) && c != '+')
                        key += c;
                    break;
            }
        }

        EndOfItem();
        EndOfText(text.Length);
        foreach (var (bracket, _, opened) in open.Reverse())
            _faults.Add((opened, $"'{bracket}' is never closed; add the missing '{(bracket == '{' ? '}' : ']')}'."));

        string Path() => prefix.Length == 0 ? key : key.Length == 0 ? prefix : $"{prefix}.{key}";

        bool InList() => open.Count > 0 && open.Peek().Bracket == '[';

        string? TooMuch() => (open.Count, prefix.Length + key.Length, _items.Count) switch
        {
            ( > MostDepth, _, _) => $"more than {MostDepth} brackets stand in each other. Write it flatter.",
            (_, > MostKeyCharacters, _) => $"a key has more than {MostKeyCharacters} characters. Write it shorter.",
            (_, _, > MostKeys) => $"there are more than {MostKeys} keys. Write less.",
            _ when key.Count('.') > MostDepth => $"a key has more than {MostDepth} parts. Write it flatter.",
            _ => null,
        };

        // An item reaches to where the next one starts.
        void EndOfText(int end)
        {
            if (_items.Count > 0)
                _items[^1] = _items[^1] with { Characters = end - start };
        }

        // a.b.c = 1 also writes a.b, unless that has a line of its own.
        void Found(int at)
        {
            string path = Path();
            EndOfText(at);
            start = at;
            _items.Add(new HoconItem(path, 0));
            for (int dot = path.IndexOf('.', Math.Min(prefix.Length + 1, path.Length)); dot > 0; dot = path.IndexOf('.', dot + 1))
                _lines.TryAdd(path[..dot], line);
            _lines[path] = line;
        }

        void EndOfItem()
        {
            bool inArray = InList();
            if (!inValue && key.Length > 0)
                _faults.Add((line, $"'{key}' has no value; write {key} = … or remove it."));
            (key, inValue) = ("", inArray);
        }
    }

    // Akka's parser reads some of them for ever, and takes the machine's memory for what it reads.
    private static bool HasNoPlaceInAList(char c) => c is '!' or '$' or '&' or '*' or '?' or '@' or '\\' or '^' or '`';

    private static string NoPlace(char c) => $"'{c}' stands in a list outside of quotes; put what it belongs to in quotes.";

    private static int CloseOfQuote(string text, int start)
    {
        if (text.AsSpan(start).StartsWith("\"\"\""))
            return text.IndexOf("\"\"\"", start + 3, StringComparison.Ordinal) is var end and >= 0 ? end + 2 : -1;
        for (int i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i;
        }
        return -1;
    }
}
