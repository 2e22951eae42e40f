using System.Globalization;
using FedKim.Data.Files;

namespace FedKim.Data.Signals;

/// <summary>A WFDB header file (wfdb-spec, header(5)), as far as PTB-XL uses it: one segment, one .dat file in format 16.</summary>
/// <param name="Record">The record's name.</param>
/// <param name="Frequency">Samples a second.</param>
/// <param name="Length">Samples a signal.</param>
/// <param name="Signals">The signals, in the order of the samples in a frame.</param>
internal sealed record WfdbHeader(string Record, double Frequency, int Length, IReadOnlyList<WfdbSignal> Signals)
{
    /// <exception cref="DataException">The file is missing, or a line cannot be read; the message names line and field.</exception>
    public static WfdbHeader Read(string path)
    {
        var lines = TextFile.ReadText(path).Split('\n').Select((text, i) => (Number: i + 1, Text: text.Trim()))
            .Where(line => line.Text.Length > 0 && line.Text[0] != '#').ToList();
        if (lines.Count == 0)
            throw new DataException(path, "this header is empty.");

        string[] first = Fields(lines[0].Text);
        // header(5): "name/segments"; the lines below name other records then, and no signals.
        if (first[0].Contains('/', StringComparison.Ordinal))
            throw new DataException(path, $"line {lines[0].Number}: this is a multi-segment record, which is not read; join its segments into one record (WFDB's xform).");
        if (first.Length < 4)
            throw new DataException(path, $"line {lines[0].Number}: expected record name, signals, frequency and samples.");
        int count = Whole(path, lines[0].Number, "number of signals", first[1]);
        // The frequency may be followed by a counter frequency, "100/100(0)".
        double frequency = Number(path, lines[0].Number, "sampling frequency", first[2].Split('/')[0]);
        int length = Whole(path, lines[0].Number, "number of samples", first[3]);
        if (count < 1 || length < 1 || frequency <= 0)
            throw new DataException(path, $"line {lines[0].Number}: signals, frequency and samples must be above 0.");
        if (lines.Count < 1 + count)
            throw new DataException(path, $"announces {count} signals and describes {lines.Count - 1}; the header is truncated.");
        return new WfdbHeader(first[0], frequency, length, [.. lines.Skip(1).Take(count).Select(line => Signal(path, line.Number, line.Text))]);
    }

    private static WfdbSignal Signal(string path, int line, string text)
    {
        string[] fields = Fields(text);
        if (fields.Length < 9)
            throw new DataException(path, $"line {line}: expected 9 fields of a signal, found {fields.Length}.");
        if (fields[1] != "16")
            throw new DataException(path, $"line {line}: signal format '{fields[1]}' is not supported; convert the record to format 16.");
        // Gain is "gain(baseline)/units"; the baseline falls back to the ADC zero, a gain of 0 means 200, units are mV.
        string[] gainAndUnits = fields[2].Split('/', 2);
        string[] gainAndBaseline = gainAndUnits[0].TrimEnd(')').Split('(', 2);
        double gain = Number(path, line, "gain", gainAndBaseline[0]);
        if (gain == 0)
            gain = 200;
        int zero = Whole(path, line, "ADC zero", fields[4]);
        int baseline = gainAndBaseline.Length == 2 ? Whole(path, line, "baseline", gainAndBaseline[1]) : zero;
        double millivolts = (gainAndUnits.Length == 2 ? gainAndUnits[1] : "mV") switch
        {
            "mV" => 1,
            "uV" or "µV" => 1e-3,
            "V" => 1e3,
            string unit => throw new DataException(path, $"line {line}: unknown unit '{unit}'; expected V, mV or uV."),
        };
        return new WfdbSignal(fields[0], millivolts / gain, baseline, Whole(path, line, "initial value", fields[5]),
            (ushort)Whole(path, line, "checksum", fields[6]), string.Join(' ', fields[8..]));
    }

    private static string[] Fields(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static int Whole(string path, int line, string field, string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new DataException(path, $"line {line}: {field} '{text}' is no whole number.");

    private static double Number(string path, int line, string field, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new DataException(path, $"line {line}: {field} '{text}' is no number.");
}

/// <summary>One signal of a record.</summary>
/// <param name="File">The .dat file, beside the header.</param>
/// <param name="Scale">Millivolts a unit of the converter.</param>
/// <param name="Baseline">The converter's value at 0 mV.</param>
/// <param name="First">The first sample, to check the file by.</param>
/// <param name="Checksum">Sum of all samples modulo 65,536, to check the file by.</param>
/// <param name="Lead">The lead's name.</param>
internal sealed record WfdbSignal(string File, double Scale, int Baseline, int First, ushort Checksum, string Lead);
