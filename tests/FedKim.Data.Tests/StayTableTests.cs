using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using FedKim.Data.Clinical;

namespace FedKim.Data.Tests;

/// <summary>Stays as other programs write them: types of labels and ids, and units of time.</summary>
public sealed class StayTableTests : IDisposable
{
    private static readonly TaskSource Source = new()
    {
        Reader = "yaib",
        Path = ".",
        Hours = 4,
        Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty.Add("vital", [new("hr", 80, 20) { Least = 20, Most = 300 }]),
    };

    private static readonly long[] FourHours = [0, 1, 2, 3];

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Labels_of_8_and_16_bits_are_labels()
    {
        foreach (var labels in (Array[])[new sbyte[] { 0, 1 }, new short[] { 0, 1 }, new int[] { 0, 1 }, new long[] { 0, 1 }])
        {
            Write([1, 2], labels, FourHours.Select(h => h * 3600));
            Assert.Equal([0, 1], _folder.Read(Source).Samples.Select(s => s.Label));
        }
    }

    [Fact]
    public void A_stay_without_an_outcome_is_counted_where_its_patient_was_dealt()
    {
        Write([1, 2, 3], new[] { 0, 1, 0 }, FourHours.Select(h => h * 3600), patients: [10, 20, 20]);
        ParquetTable.Write(_folder.At("outc.parquet"), ("stay_id", new long[] { 1, 2, 3 }), ("label", new double?[] { 0, 1, null }));
        Directory.CreateDirectory(_folder.At("set"));
        foreach (string file in Directory.GetFiles(_folder.Path, "*.parquet"))
            File.Move(file, Path.Combine(_folder.At("set"), Path.GetFileName(file)));
        var source = Source with { Path = "set" };
        Assert.Empty(_folder.Dealt(source, "10")!.NotAsked);
        Assert.Equal(1, _folder.Dealt(source, "20")!.NotAsked["has no such outcome"]);
    }

    [Fact]
    public void Ids_that_differ_in_their_last_digit_only_are_two_patients()
    {
        long large = (1L << 53) + 1;
        Write([large - 1, large], new[] { 0, 1 }, FourHours.Select(h => h * 3600), patients: [long.MaxValue - 1, long.MaxValue]);
        var samples = _folder.Read(Source).Samples;
        Assert.Equal([("9007199254740992", "9223372036854775806", 0), ("9007199254740993", "9223372036854775807", 1)], samples.Select(s => (s.Id, s.Patient, s.Label)));
    }

    [Fact]
    public void Ids_that_their_type_does_not_tell_apart_are_refused()
    {
        Write([1, 2], new[] { 0, 1 }, FourHours.Select(h => h * 3600));
        ParquetTable.Write(_folder.At("outc.parquet"), ("stay_id", new double?[] { 1, Math.Pow(2, 60) }), ("label", new[] { 0, 1 }));
        Assert.Contains("column 'stay_id', row 1: an id above 2^53 in a column of type double", _folder.Problem(Source, "outc.parquet"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 3600L, "seconds")]
    [InlineData(1, 3_600_000L, "milliseconds")]
    [InlineData(2, 3_600_000_000L, "microseconds")]
    [InlineData(3, 3_600_000_000_000L, "nanoseconds")]
    public void A_duration_s_unit_is_what_Arrow_s_schema_says(short unit, long hour, string name)
    {
        Write([1, 2], new[] { 0, 1 }, FourHours.Select(h => h * hour), schema: Schema(unit));
        var read = _folder.Read(Source);
        Assert.All(read.Samples, s => Assert.All(s.Inputs["vital"].Mask!, Assert.True));
        Assert.Equal([0, 0.05f, 0.1f, 0.15f], read.Samples[0].Inputs["vital"].Data, (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Equal(1, read.Seen[$"table of hours in {name}, as ARROW:schema says"]);
        Assert.Equal(new ValueRange(80, 83), read.Ranges["vital.hr"]);
    }

    [Fact]
    public void A_schema_that_leaves_the_unit_out_means_milliseconds_and_a_garbled_one_is_refused()
    {
        Write([1, 2], new[] { 0, 1 }, FourHours.Select(h => h * 3_600_000), schema: Schema(null));
        Assert.Equal([0, 1], _folder.Read(Source).Samples.Select(s => s.Label));
        string schema = Schema(1);
        for (int cut = 0; cut < schema.Length; cut += 4)
        {
            Write([1, 2], new[] { 0, 1 }, FourHours.Select(h => h * 3_600_000), schema: schema[..cut]);
            // A part may still be whole enough to be read; nothing but an error of this file's comes of it.
            var error = Record.Exception(() => _folder.Read(Source));
            Assert.True(error is null || (error is DataException { Problem: var problem } && problem.Contains("schema", StringComparison.Ordinal)), $"{cut}: {error}");
        }
    }

    [Theory]
    [InlineData(3_600_000L, "every hour is a multiple of 1000")]
    [InlineData(3_600_000_000L, "far beyond any stay")]
    public void Times_that_no_stay_has_are_refused_where_nothing_says_their_unit(long hour, string problem)
    {
        Write([1, 2], new[] { 0, 1 }, FourHours.Select(h => h * hour));
        string told = _folder.Problem(Source, "dyn.parquet");
        Assert.StartsWith("column 'time'", told, StringComparison.Ordinal);
        Assert.Contains(problem, told, StringComparison.Ordinal);
        Assert.Contains("Write the file with Arrow's schema", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Hours_that_are_not_read_and_values_outside_of_their_bounds_are_counted_and_an_odd_unit_is_told()
    {
        Write([1, 2], new[] { 0, 1 }, FourHours.Select(h => h * 3600), values: [4.8, 5, 300, 295]);
        var read = _folder.Read(Source with { Hours = 3 });
        Assert.Equal(2, read.Seen["hours of a stay outside of the 3 that are read"]);
        Assert.Equal(4, read.Seen["vital.hr outside of its bounds and unmeasured"]);
        Assert.Equal(
            ["most values of vital.hr lie outside of its bounds 20 to 300; look at its unit.", "the mean of vital.hr is 300, 11 deviations from the one that the source says; look at its unit."],
            read.Remarks);
    }

    private void Write(long[] stays, Array labels, IEnumerable<long> times, long[]? patients = null, string? schema = null, double?[]? values = null)
    {
        long[] time = [.. times];
        ParquetTable.Write(_folder.At("sta.parquet"), ("stay_id", stays), ("patient_id", patients ?? stays));
        ParquetTable.Write(_folder.At("outc.parquet"), ("stay_id", stays), ("label", labels));
        ParquetTable.Write(_folder.At("dyn.parquet"), schema is null ? null : new Dictionary<string, string> { ["ARROW:schema"] = schema },
            ("stay_id", stays.SelectMany(stay => time.Select(_ => stay)).ToArray()), ("time", stays.SelectMany(_ => time).ToArray()),
            ("hr", stays.SelectMany(_ => values ?? [80, 81, 82, 83]).ToArray()));
    }

    /// <summary>An Arrow schema of the one column time, a duration, as an encapsulated IPC message (Message.fbs, Schema.fbs).</summary>
    private static string Schema(short? unit)
    {
        var bytes = new List<byte>(new byte[8]);
        int root = Reserve(4);
        // Message: version, header_type, header.
        int message = Table([(0, 2), (1, 1), (2, 4)], out int[] messageFields);
        Set32(root, message - root);
        bytes[messageFields[1]] = 1;
        int schema = Table([(1, 4)], out int[] schemaFields);
        Set32(messageFields[2], schema - messageFields[2]);
        int fields = Reserve(8);
        Set32(schemaFields[1], fields - schemaFields[1]);
        Set32(fields, 1);
        int field = Table([(0, 4), (2, 1), (3, 4)], out int[] own);
        Set32(fields + 4, field - fields - 4);
        bytes[own[2]] = 18;
        int name = Reserve(8);
        Set32(own[0], name - own[0]);
        Set32(name, 4);
        for (int i = 0; i < 4; i++)
            bytes[name + 4 + i] = Encoding.ASCII.GetBytes("time")[i];
        int duration = Table(unit is null ? [] : [(0, 2)], out int[] durationFields);
        Set32(own[3], duration - own[3]);
        if (unit is { } said)
            bytes[durationFields[0]] = (byte)said;
        Set32(0, -1);
        Set32(4, bytes.Count - 8);
        return Convert.ToBase64String([.. bytes]);

        int Reserve(int count)
        {
            while (bytes.Count % 4 != 0)
                bytes.Add(0);
            bytes.AddRange(new byte[count]);
            return bytes.Count - count;
        }

        void Set32(int at, int value)
        {
            byte[] four = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(four, value);
            for (int i = 0; i < 4; i++)
                bytes[at + i] = four[i];
        }

        // The table of places first, then the table with its fields, each in four bytes.
        int Table((int Field, int Width)[] has, out int[] places)
        {
            int count = has.Length == 0 ? 0 : has.Max(f => f.Field) + 1, vtable = Reserve(4 + (2 * count)), table = Reserve(4 + (4 * has.Length));
            places = new int[count];
            (bytes[vtable], bytes[vtable + 2]) = ((byte)(4 + (2 * count)), (byte)(4 + (4 * has.Length)));
            for (int i = 0; i < has.Length; i++)
            {
                bytes[vtable + 4 + (2 * has[i].Field)] = (byte)(4 + (4 * i));
                places[has[i].Field] = table + 4 + (4 * i);
            }

            Set32(table, table - vtable);
            return table;
        }
    }
}
