using System.Collections.Immutable;

namespace FedKim.Experiments;

/// <summary>Figures under each other, in plain lines that fit a width: no figure is broken, columns that say least are left out instead.</summary>
internal static class FigureTable
{
    private const int Gap = 2;

    /// <summary>The lines: heads, a rule, a line a row. Columns without any figure are left out.</summary>
    /// <param name="columns">The columns, all with as many cells.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static IEnumerable<string> Lines(IEnumerable<FigureColumn> columns, int width)
    {
        var shown = columns.Where(column => column.Cells.Any(cell => cell.Length > 0)).ToList();
        foreach (var group in shown.Where(column => column.Dispensable > 0).GroupBy(column => column.Dispensable).OrderByDescending(group => group.Key).ToArray())
        {
            if (WidthOf(shown) > width)
                shown.RemoveAll(group.Contains);
        }

        yield return Line(shown, column => column.Title);
        yield return new string('─', WidthOf(shown));
        for (int row = 0; row < (shown.Count == 0 ? 0 : shown[0].Cells.Length); row++)
        {
            int at = row;
            yield return Line(shown, column => column.Cells[at]);
        }
    }

    private static int WidthOf(List<FigureColumn> columns) => Math.Max(0, columns.Sum(column => column.Width + Gap) - Gap);

    private static string Line(IEnumerable<FigureColumn> columns, Func<FigureColumn, string> cell) => string.Join(
        new string(' ', Gap), columns.Select(column => column.IsText ? cell(column).PadRight(column.Width) : cell(column).PadLeft(column.Width))).TrimEnd();
}

/// <summary>A column of a <see cref="FigureTable"/>.</summary>
/// <param name="Title">Its head.</param>
/// <param name="Cells">A cell a row.</param>
/// <param name="Dispensable">Of how little use it is: 0 for what always stays; those of one number stay or go together, the greatest first.</param>
/// <param name="IsText">Whether it is words, which stand to the left, and not figures.</param>
internal sealed record FigureColumn(string Title, ImmutableArray<string> Cells, int Dispensable = 0, bool IsText = false)
{
    /// <summary>As wide as its widest.</summary>
    public int Width => Cells.Select(cell => cell.Length).Append(Title.Length).Max();
}
