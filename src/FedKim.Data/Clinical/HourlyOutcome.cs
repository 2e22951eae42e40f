namespace FedKim.Data.Clinical;

/// <summary>
/// What is asked of stays whose outcome has a label an hour: at one and the same hour of all of them, the landmark, whether the outcome begins in
/// the hours that follow.
/// </summary>
/// <remarks>
/// <para>
/// Such tables tell by their length who is positive: YAIB's sepsis ends twelve hours after the first positive hour (which lies six hours before the
/// onset that Sepsis-3 defines), while a stay without it goes on until the patient leaves. Cutting each stay before its own onset helps little, for those
/// without one have none to be cut before. So everybody is asked at the same hour, and nobody is asked who can no longer be asked then.
/// </para>
/// <para>
/// The onset is the first hour with a label of 1. Inputs are the hours before the landmark, 0 to <see cref="TaskSource.Hours"/> - 1, of everybody.
/// Asked is each stay whose outcomes reach the last of them, and whose onset, should it have one, does not lie before the landmark and
/// <see cref="TaskSource.Gap"/> hours more. The label is 1 where the onset lies in the <see cref="TaskSource.Horizon"/> hours from there on, or
/// anywhere from there on where that is 0. Who leaves before without an onset counts as negative, since at the landmark nobody knows who will leave.
/// </para>
/// </remarks>
internal static class HourlyOutcome
{
    /// <summary>Why a stay is not asked that has its onset too early.</summary>
    public const string Early = "had the outcome before the hours that are asked about";

    /// <summary>Why a stay is not asked that is over.</summary>
    public const string Gone = "ended before the hour at which it would be asked";

    /// <summary>What is counted as negative, though the outcome came.</summary>
    public const string Later = "stays had the outcome after the hours that are asked about and count as negative";

    // With most of the onsets left out, another landmark may be meant.
    private const double MostEarly = 0.5;

    /// <summary>Asks the stays, and tells who is not asked.</summary>
    /// <param name="source">Landmark, gap and horizon.</param>
    /// <param name="stays">Each with its onset, the first hour with a label of 1, if it has one, and the last hour of its outcomes.</param>
    /// <param name="reading">Told of those that are not asked.</param>
    /// <returns>The label of each stay that is asked.</returns>
    public static Dictionary<long, int> Ask(TaskSource source, IReadOnlyCollection<(long Stay, int? Onset, int Last)> stays, Reading reading)
    {
        // Over is over, whatever came before: a stay that ended early is not left out for its label.
        var there = stays.Where(stay => stay.Last >= source.Hours - 1).ToList();
        var asked = there.Where(stay => !IsEarly(source, stay.Onset)).ToDictionary(stay => stay.Stay, stay => Label(source, stay.Onset));
        int early = there.Count - asked.Count, onsets = stays.Count(stay => stay.Onset is not null), first = source.Hours + source.Gap;
        if (there.Count < stays.Count)
            reading.NotAsked(Gone, stays.Count - there.Count);
        if (early > 0)
            reading.NotAsked(Early, early);
        if (early > MostEarly * onsets)
            reading.Remark($"{early} of {onsets} stays with the outcome had it before hour {first} and are left out; with fewer hours, fewer are.");
        if (there.Count(stay => stay.Onset is not null && asked.GetValueOrDefault(stay.Stay, 1) == 0) is > 0 and var later)
            reading.See(Later, later);
        string until = source.Horizon == 0 ? " or later" : $" to {first + source.Horizon - 1}";
        if (asked.Count > 0)
            reading.See($"stays asked at hour {source.Hours} whether the outcome begins in hour {first}{until}", asked.Count);
        return asked;
    }

    private static bool IsEarly(TaskSource source, int? onset) => source.ExcludeEarlyOnset is not false && onset < source.Hours + source.Gap;

    private static int Label(TaskSource source, int? onset) =>
        onset is { } hour && (source.Horizon == 0 || hour - source.Hours - source.Gap < source.Horizon) ? 1 : 0;
}
