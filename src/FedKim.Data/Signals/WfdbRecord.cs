using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using FedKim.Data.Files;

namespace FedKim.Data.Signals;

/// <summary>
/// One 12-lead record: a WFDB header and its .dat file in format 16 (little-endian 16-bit samples, lead after lead within a frame).
/// </summary>
internal static class WfdbRecord
{
    /// <summary>The leads in the order in which they are handed on.</summary>
    public static readonly string[] Leads = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"];

    // Format 16 writes a sample that was not recorded as the lowest number.
    private const short Missing = short.MinValue;

    /// <summary>Reads a record; samples are averaged by <paramref name="downsample"/> neighbours.</summary>
    /// <param name="path">The record without an extension.</param>
    /// <param name="downsample">From 1; an incomplete last group is left out.</param>
    /// <returns>[12, time], millivolts, leads in the order of <see cref="Leads"/>.</returns>
    /// <exception cref="DataException">Header or samples are missing, truncated or corrupt, or a lead is not there.</exception>
    public static (WfdbHeader Header, float[] Values) Read(string path, int downsample)
    {
        string headerPath = path + ".hea";
        var header = WfdbHeader.Read(headerPath);
        int count = header.Signals.Count;
        if (header.Signals.Any(signal => signal.File != header.Signals[0].File))
            throw new DataException(headerPath, "spreads its signals over several files; put them into one .dat file.");
        string dataPath = SiteFile.Inside(Path.GetDirectoryName(path)!, header.Signals[0].File);
        byte[] bytes = SiteFile.Read(dataPath);
        long expected = 2L * count * header.Length;
        if (bytes.Length != expected)
        {
            throw new DataException(dataPath,
                $"has {bytes.Length} bytes, but {headerPath} announces {count} signals of {header.Length} samples, {expected} bytes.");
        }


        int steps = header.Length / downsample;
        float[] values = new float[Leads.Length * steps];
        for (int lead = 0; lead < Leads.Length; lead++)
        {
            int signal = IndexOf(headerPath, header, Leads[lead]);
            Convert(dataPath, bytes, header, signal, values.AsSpan(lead * steps, steps), downsample);
        }

        return (header, values);
    }

    /// <summary>Writes a header and its .dat file at 1,000 units a millivolt.</summary>
    /// <param name="path">The record without an extension; its folder is created.</param>
    /// <param name="frequency">Samples a second.</param>
    /// <param name="samples">[time, 12], µV, leads in the order of <see cref="Leads"/>.</param>
    public static void Write(string path, int frequency, ReadOnlySpan<short> samples)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string record = Path.GetFileName(path);
        byte[] bytes = new byte[2 * samples.Length];
        int[] sums = new int[Leads.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2 * i), samples[i]);
            sums[i % Leads.Length] += samples[i];
        }

        var header = new StringBuilder();
        header.Append(CultureInfo.InvariantCulture, $"{record} {Leads.Length} {frequency} {samples.Length / Leads.Length}\n");
        for (int lead = 0; lead < Leads.Length; lead++)
            header.Append(CultureInfo.InvariantCulture, $"{record}.dat 16 1000.0(0)/mV 16 0 {samples[lead]} {(ushort)sums[lead]} 0 {Leads[lead]}\n");
        File.WriteAllBytes(path + ".dat", bytes);
        File.WriteAllText(path + ".hea", header.ToString());
    }

    private static void Convert(string path, byte[] bytes, WfdbHeader header, int signal, Span<float> values, int downsample)
    {
        var description = header.Signals[signal];
        int sum = 0, group = 0, filled = 0, at = 0;
        for (int i = 0; i < header.Length; i++)
        {
            short sample = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * ((i * header.Signals.Count) + signal)));
            if (i == 0 && sample != description.First)
                throw new DataException(path, $"lead {description.Lead} starts otherwise than its header says; it is corrupt or another record's.");
            if (sample == Missing)
                throw new DataException(path, $"lead {description.Lead} has no value at sample {i}; leave the record out of ptbxl_database.csv.");
            sum += sample;
            group += sample;
            if (++filled < downsample)
                continue;
            values[at++] = (float)((((double)group / downsample) - description.Baseline) * description.Scale);
            (group, filled) = (0, 0);
        }

        if ((ushort)sum != description.Checksum)
            throw new DataException(path, $"lead {description.Lead} has another checksum than its header says; the file is corrupt.");
    }

    private static int IndexOf(string path, WfdbHeader header, string lead)
    {
        for (int i = 0; i < header.Signals.Count; i++)
        {
            if (string.Equals(header.Signals[i].Lead, lead, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        throw new DataException(path, $"has no lead {lead}; its leads are {string.Join(", ", header.Signals.Select(s => s.Lead))}.");
    }
}
