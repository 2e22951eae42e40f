using System.Text;
using System.Text.RegularExpressions;
using FedKim.Commands.Answers;

namespace FedKim.Commands.Client;

/// <summary>Rows as people read them: under each other, within a width.</summary>
internal static partial class AnswerTable
{
    /// <summary>Stands between two fields, and in none.</summary>
    public const string Between = " | ";

    private const int DigestDigits = 64, ShortDigits = 12, LeastText = 10, MostWord = 24;

    /// <summary>
    /// Rows as a table, headed by the names of their fields. Fields without any value are left out, and from the right those for which there is no
    /// room; longer texts go on in the next line, under where they began.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="width">Columns of the whole; null for as many as it takes, with every field and every digit.</param>
    public static IReadOnlyList<string> Rows(IReadOnlyList<CommandRow> rows, int? width)
    {
        if (rows.Count == 0)
            return [];
        var columns = rows.SelectMany(row => row.Fields.Select(field => field.Key)).Distinct().Select(name => new Column(name, rows, width is null)).ToList();
        var shown = Shown(columns, width);
        List<string> lines = [.. Line(shown, shown.ConvertAll(column => (IReadOnlyList<string>)Wrapped.Lines(column.Title, column.Width)))];
        for (int i = 0; i < rows.Count; i++)
            lines.AddRange(Line(shown, shown.ConvertAll(column => (IReadOnlyList<string>)Wrapped.Lines(column.Cells[i], column.Width))));
        string[] left = [.. columns.Except(shown).Where(column => !column.IsEmpty).Select(column => column.Title)];
        if (left.Length > 0)
            lines.AddRange(Wrapped.Lines($"Not shown: {string.Join(", ", left)}. -o wide shows all.", width ?? int.MaxValue));
        return lines;
    }

    /// <summary>One row, a line a field and a line an entry of a list.</summary>
    /// <param name="row">The row.</param>
    /// <param name="width">As for <see cref="Rows"/>.</param>
    public static IReadOnlyList<string> Item(CommandRow row, int? width)
    {
        var fields = row.Fields.Where(field => width is null || !field.Value.IsEmpty).ToList();
        int names = fields.Count == 0 ? 0 : fields.Max(field => Title(field.Key).Length);
        int values = width is { } room ? room - names - Between.Length : int.MaxValue;
        var lines = new List<string>();
        foreach (var (name, value) in fields)
        {
            string title = Title(name);
            foreach (string entry in value.Texts is { Count: > 0 } texts ? texts : [value.ToString()])
            {
                foreach (string part in Wrapped.Lines(Cell(entry, width is null, isEntry: value.Texts is not null), values))
                {
                    lines.Add($"{title.PadRight(names)}{Between}{part}".TrimEnd());
                    title = "";
                }
            }
        }

        return lines;
    }

    /// <summary>
    /// A row of a stream, whose later rows nobody knows yet: each field as wide as it was so far. Where there is room a long last field goes on in the
    /// next line, under where it began.
    /// </summary>
    /// <param name="cells">The row's fields, or their names.</param>
    /// <param name="widths">How wide each was; grows.</param>
    /// <param name="width">Columns of the whole; null for a line a row.</param>
    public static IEnumerable<string> Streamed(IReadOnlyList<string> cells, List<int> widths, int? width)
    {
        Widen(widths, cells);
        string[] before = [.. cells.SkipLast(1).Select((cell, i) => cell.PadRight(widths[i]))];
        int room = (width ?? int.MaxValue) - before.Sum(cell => cell.Length + Between.Length);
        foreach (string part in room < LeastText ? [cells[^1]] : Wrapped.Lines(cells[^1], room))
        {
            yield return $"{string.Concat(before.Select(cell => cell + Between))}{part}".TrimEnd();
            before = [.. before.Select(cell => new string(' ', cell.Length))];
        }
    }

    /// <summary>Makes the fields of a stream at least as wide as these.</summary>
    public static void Widen(List<int> widths, IReadOnlyList<string> cells)
    {
        while (widths.Count < cells.Count)
            widths.Add(0);
        for (int i = 0; i < cells.Count; i++)
            widths[i] = Math.Max(widths[i], cells[i].Length);
    }

    /// <summary>A field's value in one line, in which nothing looks like two.</summary>
    /// <param name="value">The value.</param>
    /// <param name="whole">Whether digests keep all their digits.</param>
    public static string Cell(CommandValue value, bool whole) => value.IsEmpty ? "-"
        : value.Texts is { } texts ? string.Join(", ", texts.Select(text => Cell(text, whole, isEntry: true)))
        : Cell(value.ToString(), whole, isEntry: false);

    /// <summary>A field's name in words.</summary>
    public static string Title(string name)
    {
        var words = new StringBuilder(name.Length + 4);
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter))
                words.Append(' ');
            words.Append(char.ToLowerInvariant(letter));
        }

        return words.ToString();
    }

    private static string Cell(string text, bool whole, bool isEntry)
    {
        string line = OneLine.Of(text).Replace(Between, " ¦ ", StringComparison.Ordinal);
        // A sentence keeps its digests whole: it may be one to go on from.
        return whole ? line : isEntry ? string.Join(' ', line.Split(' ').Select(Short)) : Short(line);
    }

    // A digest, or a file that is named by one, by its first digits; an instant to the second, and so that it can be broken before its time of day.
    private static string Short(string word) =>
        Digest().IsMatch(word) ? word[..^(DigestDigits - ShortDigits)]
        : Instant().IsMatch(word) ? $"{word[..10]} {word[11..19]}Z"
        : word;

    [GeneratedRegex(@"^([^ ]*/)?[0-9a-f]{64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$", RegexOptions.CultureInvariant)]
    private static partial Regex Instant();

    // From the left what has room at its least width; what room is left then, to those that need least first.
    private static List<Column> Shown(List<Column> columns, int? width)
    {
        if (width is not { } room)
        {
            columns.ForEach(column => column.Width = column.Natural);
            return columns;
        }

        var shown = new List<Column>();
        int spare = room + Between.Length;
        foreach (var column in columns.Where(column => !column.IsEmpty))
        {
            column.Width = shown.Count == 0 ? Math.Min(column.Least, room) : column.Least;
            if (shown.Count > 0 && column.Width + Between.Length > spare)
                continue;
            shown.Add(column);
            spare -= column.Width + Between.Length;
        }

        int left = shown.Count;
        foreach (var column in shown.OrderBy(column => column.Natural - column.Width).ToList())
        {
            int given = Math.Max(0, Math.Min(column.Natural - column.Width, spare / left--));
            column.Width += given;
            spare -= given;
        }

        return shown;
    }

    private static IEnumerable<string> Line(List<Column> columns, List<IReadOnlyList<string>> cells)
    {
        int height = cells.Count == 0 ? 0 : cells.Max(cell => cell.Count);
        for (int i = 0; i < height; i++)
        {
            int line = i;
            yield return string.Join(Between, columns.Select((column, at) => Padded(column, line < cells[at].Count ? cells[at][line] : ""))).TrimEnd();
        }
    }

    private static string Padded(Column column, string part) => column.IsNumber ? part.PadLeft(column.Width) : part.PadRight(column.Width);

    private sealed class Column
    {
        public Column(string name, IReadOnlyList<CommandRow> rows, bool whole)
        {
            Title = AnswerTable.Title(name);
            Cells = [.. rows.Select(row => Cell(row[name], whole))];
            IsEmpty = rows.All(row => row[name].IsEmpty);
            IsNumber = !IsEmpty && rows.All(row => row[name] is { IsNumber: true } or { IsEmpty: true });
            int cells = Cells.Max(cell => cell.Length), title = Word(Title);
            Natural = Math.Max(Title.Length, cells);
            // What is longer than a name is broken where there is no room.
            Least = IsNumber ? Math.Max(title, cells) : Math.Max(title, Math.Min(Natural, Math.Clamp(Cells.Max(Word), LeastText, MostWord)));
        }

        public string Title { get; }

        public IReadOnlyList<string> Cells { get; }

        public bool IsEmpty { get; }

        public bool IsNumber { get; }

        public int Natural { get; }

        public int Least { get; }

        public int Width { get; set; }

        private static int Word(string text) => text.Split(' ').Max(word => word.Length);
    }
}
