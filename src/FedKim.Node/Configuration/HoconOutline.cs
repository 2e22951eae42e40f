namespace FedKim.Node.Configuration;

/// <summary>
/// Which key stands on which line of a HOCON text, and where its brackets and quotes do not match. Akka's parser keeps no lines and
/// takes an unclosed bracket for the end of the file, so that a slip would silently change what the file says.
/// </summary>
internal sealed class HoconOutline
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<(int Line, string Problem)> _faults = [];

    private HoconOutline()
    {
    }

    /// <summary>What does not match, in the order of the text.</summary>
    public IReadOnlyList<(int Line, string Problem)> Faults => _faults;

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
        int line = 1;

        for (int i = 0; i < text.Length; i++)
        {
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
                case '"':
                    int close = CloseOfQuote(text, i);
                    if (close < 0)
                    {
                        _faults.Add((line, "a quoted text is not closed; add the missing \"."));
                        close = text.IndexOf('\n', i) is var eol and >= 0 ? eol - 1 : text.Length - 1;
                    }
                    else if (!inValue)
                        key += text[(i + 1)..close].Trim('"');
                    line += text.AsSpan(i, close - i + 1).Count('\n');
                    i = close;
                    break;
                case '=' or ':' when !inValue:
                    Found();
                    inValue = true;
                    break;
                case '$' when i + 1 < text.Length && text[i + 1] == '{':
                    i = text.IndexOf('}', i) is var brace and >= 0 ? brace : text.Length;
                    break;
                case '{':
                    if (!inValue)
                        Found();
                    open.Push(('{', prefix, line));
                    prefix = Path();
                    (key, inValue) = ("", false);
                    break;
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
                default:
                    if (!inValue && !char.IsWhiteSpace(c) && c != '+')
                        key += c;
                    break;
            }
        }

        EndOfItem();
        foreach (var (bracket, _, start) in open.Reverse())
            _faults.Add((start, $"'{bracket}' is never closed; add the missing '{(bracket == '{' ? '}' : ']')}'."));

        string Path() => prefix.Length == 0 ? key : key.Length == 0 ? prefix : $"{prefix}.{key}";

        // a.b.c = 1 also writes a.b, unless that has a line of its own.
        void Found()
        {
            string path = Path();
            for (int dot = path.IndexOf('.', prefix.Length + 1); dot > 0; dot = path.IndexOf('.', dot + 1))
                _lines.TryAdd(path[..dot], line);
            _lines[path] = line;
        }

        void EndOfItem()
        {
            bool inArray = open.Count > 0 && open.Peek().Bracket == '[';
            if (!inValue && key.Length > 0)
                _faults.Add((line, $"'{key}' has no value; write {key} = … or remove it."));
            (key, inValue) = ("", inArray);
        }
    }

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
