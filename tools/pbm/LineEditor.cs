using System.Text;

namespace FedKim.Pbm;

/// <summary>Reads lines from a terminal with editing, history (arrow keys) and completion (Tab).</summary>
internal sealed class LineEditor(string prompt, Func<string, IReadOnlyList<string>> complete)
{
    private readonly List<string> _history = [];
    private readonly StringBuilder _line = new();
    private int _cursor;
    private int _recalled;

    /// <returns>The line; null when Ctrl-D, or Ctrl-C on an empty line, ends the input.</returns>
    public string? ReadLine()
    {
        Set("");
        _recalled = _history.Count;
        Draw();
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                switch (key.Key)
                {
                    case ConsoleKey.Enter:
                        Console.Out.Write("\r\n");
                        return Remember(_line.ToString());
                    case ConsoleKey.C when control && _line.Length > 0: Set(""); break;
                    case ConsoleKey.C or ConsoleKey.D when control:
                        if (_line.Length > 0)
                            break;
                        Console.Out.Write("\r\n");
                        return null;
                    case ConsoleKey.U when control: Set(_line.ToString(_cursor, _line.Length - _cursor)); _cursor = 0; break;
                    case ConsoleKey.A when control: _cursor = 0; break;
                    case ConsoleKey.E when control: _cursor = _line.Length; break;
                    case ConsoleKey.Home: _cursor = 0; break;
                    case ConsoleKey.End: _cursor = _line.Length; break;
                    case ConsoleKey.LeftArrow: _cursor = Math.Max(0, _cursor - 1); break;
                    case ConsoleKey.RightArrow: _cursor = Math.Min(_line.Length, _cursor + 1); break;
                    case ConsoleKey.UpArrow: Recall(_recalled - 1); break;
                    case ConsoleKey.DownArrow: Recall(_recalled + 1); break;
                    case ConsoleKey.Backspace when _cursor > 0: _line.Remove(--_cursor, 1); break;
                    case ConsoleKey.Delete when _cursor < _line.Length: _line.Remove(_cursor, 1); break;
                    case ConsoleKey.Tab: Complete(); break;
                    default:
                        if (!char.IsControl(key.KeyChar))
                            _line.Insert(_cursor++, key.KeyChar);
                        break;
                }

                Draw();
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private string Remember(string line)
    {
        if (line.Length > 0 && (_history.Count == 0 || _history[^1] != line))
            _history.Add(line);
        return line;
    }

    private void Recall(int index)
    {
        if (index < 0 || index > _history.Count)
            return;
        _recalled = index;
        Set(index == _history.Count ? "" : _history[index]);
    }

    private void Complete()
    {
        string before = _line.ToString(0, _cursor);
        var candidates = complete(before);
        if (candidates.Count == 0)
            return;
        int typed = before.Length - (before.LastIndexOf(' ') + 1);
        string common = candidates[0];
        foreach (string candidate in candidates)
            common = common[..common.AsSpan().CommonPrefixLength(candidate)];
        string added = common[typed..] + (candidates.Count == 1 ? " " : "");
        if (added.Length == 0)
            Console.Out.Write($"\r\n{string.Join("  ", candidates)}\r\n");
        _line.Insert(_cursor, added);
        _cursor += added.Length;
    }

    private void Set(string line)
    {
        _line.Clear().Append(line);
        _cursor = line.Length;
    }

    /// <summary>Shows the part of the line around the cursor that fits on one row of the terminal.</summary>
    private void Draw()
    {
        int room = Math.Max(10, Console.WindowWidth - prompt.Length - 1);
        int from = Math.Max(0, _cursor - room);
        string shown = _line.ToString(from, Math.Min(room, _line.Length - from));
        int back = shown.Length - (_cursor - from);
        Console.Out.Write($"\r{prompt}{shown}\u001b[K{(back > 0 ? $"\u001b[{back}D" : "")}");
    }
}
