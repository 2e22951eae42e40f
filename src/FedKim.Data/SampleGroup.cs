using System.Collections.Immutable;
using System.Globalization;

namespace FedKim.Data;

/// <summary>The groups that samples belong to, by the column that a source names (<see cref="TaskSource.GroupColumn"/>).</summary>
internal static class SampleGroup
{
    /// <summary>The group of those whose cell is empty.</summary>
    public const string Unknown = "unknown";

    private const int LongestName = 40;

    /// <summary>The group that a cell says.</summary>
    /// <param name="source">Which column it is of, and how that is cut.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="at">Makes an error of file, row and column. What it is told has nothing of the cell.</param>
    /// <exception cref="DataException">The cell names no group.</exception>
    public static string Of(TaskSource source, string cell, Func<string, DataException> at)
    {
        string text = cell.Trim();
        if (text.Length == 0)
            return Unknown;
        if (source.GroupCuts is { } cuts)
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
                ? Between(cuts, number)
                : throw at("is no number, which group-cuts could cut.");
        }

        return Fault(text) is { } fault ? throw at(fault) : text;
    }

    /// <summary>Looks whether a task's samples are in groups that a table can tell apart, where its source asks for them.</summary>
    /// <exception cref="DataException">They are in too many, or their reader gives none.</exception>
    public static void Check(TaskSource source, string path, IReadOnlyCollection<Sample> samples)
    {
        if (source.GroupColumn is not { } column)
            return;
        if (samples.Any(sample => sample.Group is null))
            throw new DataException(path, $"the reader {source.Reader} says of no column to which group a sample belongs; take group-column out of the task's source.");
        string[] groups = [.. samples.Select(sample => sample.Group!).Distinct(StringComparer.Ordinal)];
        if (groups.Select(Fault).OfType<string>().FirstOrDefault() is { } fault)
            throw new DataException(path, $"column '{column}': a group's name {fault}");
        if (groups.Length > TaskSource.MostGroups)
        {
            throw new DataException(
                path, $"column '{column}' makes {groups.Length} groups, more than the {TaskSource.MostGroups} that a table tells apart: cut its numbers by group-cuts, or name another column.");
        }
    }

    // What stands in tables and logs later on is one short line.
    private static string? Fault(string name) => name.Length > LongestName ? $"has {name.Length} characters; a group's name has at most {LongestName}."
        : name.Any(IsUnprintable) ? "has a control character, which a group's name must not have."
        : null;

    private static bool IsUnprintable(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Between(ImmutableArray<double> cuts, double number)
    {
        int passed = cuts.Count(cut => cut <= number);
        if (passed == 0)
            return string.Create(CultureInfo.InvariantCulture, $"below {cuts[0]}");
        double low = cuts[passed - 1];
        if (passed == cuts.Length)
            return string.Create(CultureInfo.InvariantCulture, $"{low} or more");
        double high = cuts[passed];
        // Between whole numbers people count in whole ones: 40 to 64 has 64.5 in it.
        return double.IsInteger(low) && double.IsInteger(high)
            ? high - low == 1 ? low.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{low} to {high - 1}")
            : string.Create(CultureInfo.InvariantCulture, $"{low} to below {high}");
    }
}
