using System.Globalization;

namespace FedKim.Data;

/// <summary>Whether values lie where values of their kind do: nothing else tells a unit or a range that was taken for another.</summary>
internal static class Plausibility
{
    // A picture of 12 bits that is taken for one of 16 uses a sixteenth of its range; no picture of a body uses so little.
    private const double SmallPartOfAPicture = 0.25;

    // The heart's voltage at the skin lies between; artefacts reach tens of millivolts.
    private const double SmallestSignal = 0.05, LargestSignal = 100;

    /// <summary>What is not plausible about the ranges of a data set, in words.</summary>
    public static IEnumerable<string> Remarks(IReadOnlyDictionary<string, ValueRange> ranges)
    {
        if (ranges.TryGetValue(Modality.Image.Kind, out var picture) && picture.Most - picture.Least < SmallPartOfAPicture)
        {
            yield return $"its pictures use {Text(picture.Least)} to {Text(picture.Most)} of their range 0 to 1; " +
                "where they have fewer bits than their files say, set picture-bits in the source.";
        }

        if (ranges.TryGetValue(Modality.Signal.Kind, out var signal) && Math.Max(Math.Abs(signal.Least), Math.Abs(signal.Most)) is var largest
            && largest is < SmallestSignal or > LargestSignal)
        {
            yield return $"its signals lie between {Text(signal.Least)} and {Text(signal.Most)} mV, as no ECG does; look at gain and unit in their headers.";
        }
    }

    public static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
