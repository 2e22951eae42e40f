using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using FedKim.Data.Clinical;
using FedKim.Rounds;

namespace FedKim.Data.Tests;

/// <summary>Outcomes with a label an hour: everybody is asked at the same hour, and nothing later is in sight.</summary>
public sealed class HourlyOutcomeTests : IDisposable
{
    private static readonly TaskSource Source = new()
    {
        Reader = "yaib",
        Path = ".",
        Hours = 4,
        Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty.Add("lab", [new("lact", 2, 1)]).Add("vital", [new("hr", 80, 20), new("age", 60, 10)]),
    };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Stays of ten hours, by number: the hour in which the outcome begins.
    [Theory]
    [InlineData(0, 0, true, "4:1 5:1 6:1 9:1 none:0", 3)]
    [InlineData(0, 2, true, "4:1 5:1 6:0 9:0 none:0", 3)]
    [InlineData(2, 0, true, "6:1 9:1 none:0", 5)]
    [InlineData(2, 3, true, "6:1 9:0 none:0", 5)]
    [InlineData(2, 3, false, "0:1 1:1 3:1 4:1 5:1 6:1 9:0 none:0", 0)]
    public void Asked_is_whether_the_outcome_begins_within_the_horizon_after_the_gap(int gap, int horizon, bool excludeEarly, string expected, int early)
    {
        int?[] onsets = [0, 1, 3, 4, 5, 6, 9, null];
        Write([.. onsets.Select(onset => new Stay(10, onset))]);
        var read = _folder.Read(Source with { Gap = gap, Horizon = horizon, ExcludeEarlyOnset = excludeEarly ? null : false });
        Assert.Equal(expected, string.Join(' ', read.Samples.Select(s => $"{onsets[int.Parse(s.Id, CultureInfo.InvariantCulture) - 1]?.ToString(CultureInfo.InvariantCulture) ?? "none"}:{s.Label}")));
        Assert.Equal(early, read.NotAsked.GetValueOrDefault(HourlyOutcome.Early));
        string until = horizon == 0 ? " or later" : $" to {4 + gap + horizon - 1}";
        Assert.Equal(read.Samples.Length, read.Seen[$"stays asked at hour 4 whether the outcome begins in hour {4 + gap}{until}"]);
    }

    [Fact]
    public void Who_is_no_longer_there_is_not_asked_and_who_leaves_later_is_negative()
    {
        Write([new Stay(3, null), new Stay(3, 2), new Stay(4, null), new Stay(5, 4)]);
        var read = _folder.Read(Source);
        Assert.Equal([("3", 0), ("4", 1)], read.Samples.Select(s => (s.Id, s.Label)));
        Assert.Equal(2, read.NotAsked[HourlyOutcome.Gone]);
        Assert.DoesNotContain(HourlyOutcome.Early, read.NotAsked.Keys);
    }

    [Fact]
    public void A_landmark_that_most_onsets_lie_before_is_told()
    {
        Write([new Stay(9, 1), new Stay(9, 2), new Stay(9, 7), new Stay(9, null)]);
        Assert.Equal("2 of 3 stays with the outcome had it before hour 4 and are left out; with fewer hours, fewer are.", Assert.Single(_folder.Read(Source).Remarks));
        Assert.Empty(_folder.Read(Source with { Hours = 2 }).Remarks);
    }

    // Tables whose length tells who is positive: those of positive stays end soon after the onset, the others go on.
    [Fact]
    public void Two_stays_that_are_alike_until_they_are_asked_are_alike_whatever_comes_and_however_long_they_stay()
    {
        Write([new Stay(6, 5, Seed: 7), new Stay(50, null, Seed: 7), new Stay(4, null, Seed: 7)]);
        var samples = _folder.Read(Source).Samples;
        Assert.Equal([1, 0, 0], samples.Select(s => s.Label));
        Assert.All(samples, sample => AssertAlike(samples[0], sample));
    }

    [Fact]
    public void What_comes_after_the_hour_of_the_question_changes_no_value() => Gen.Long.Sample(seed =>
    {
        var random = SeededGenerator.Derive(seed, "stays");
        var source = Source with { Hours = 1 + random.NextInt(8), Gap = random.NextInt(3), Horizon = random.NextInt(6), ExcludeEarlyOnset = random.NextInt(2) == 0 ? null : false };
        Stay[] stays = [.. Enumerable.Range(0, 12).Select(i => new Stay(1 + random.NextInt(20), random.NextInt(2) == 0 ? null : random.NextInt(20), i))];
        // Another future for each: other values, another length, and another onset where there was none before the question.
        Stay[] futures = [.. stays.Select(stay => stay.Length < source.Hours ? stay : stay with
        {
            Length = source.Hours + random.NextInt(20),
            Onset = stay.Onset < source.Hours ? stay.Onset : random.NextInt(2) == 0 ? null : source.Hours + random.NextInt(20),
            Future = (source.Hours, 1000 + stay.Seed),
        })];
        Write(stays);
        var before = DataSet.Read(source, _folder.Path)?.Samples.ToDictionary(s => s.Id) ?? [];
        Write(futures);
        var after = DataSet.Read(source, _folder.Path)?.Samples.ToDictionary(s => s.Id) ?? [];

        // With a gap, who falls into it is left out; nobody is asked anew without the same inputs.
        Assert.All(before.Keys.Intersect(after.Keys), id => AssertAlike(before[id], after[id]));
        if (source.Gap == 0 || source.ExcludeEarlyOnset == false)
            Assert.Equal(before.Keys.Order(), after.Keys.Order());
        // Values alone change nothing at all.
        Write([.. stays.Select(stay => stay with { Future = (source.Hours, 2000 + stay.Seed) })]);
        var others = DataSet.Read(source, _folder.Path)?.Samples.ToDictionary(s => s.Id) ?? [];
        Assert.Equal(before.Values.Select(s => (s.Id, s.Label)).Order(), others.Values.Select(s => (s.Id, s.Label)).Order());
        Assert.All(before.Keys, id => AssertAlike(before[id], others[id]));
    }, iter: 40, threads: 1);

    [Fact]
    public void An_outcome_of_one_label_a_stay_has_no_hours_to_ask_about()
    {
        Write([new Stay(2, null), new Stay(30, null)]);
        ParquetTable.Write(_folder.At("outc.parquet"), ("stay_id", new long[] { 1, 2 }), ("label", new[] { 1, 0 }));
        Assert.Equal([1, 0], _folder.Read(Source).Samples.Select(s => s.Label));
        // One row a stay is one label, whether its hour is told or not.
        ParquetTable.Write(_folder.At("outc.parquet"), ("stay_id", new long[] { 1, 2 }), ("time", new long[] { 0, 0 }), ("label", new[] { 1, 0 }));
        Assert.Equal([1, 0], _folder.Read(Source).Samples.Select(s => s.Label));
        foreach (var source in (TaskSource[])[Source with { Gap = 1 }, Source with { Horizon = 24 }, Source with { ExcludeEarlyOnset = false }])
        {
            Assert.Equal(
                "'label' is one label a stay, of which no hour can be asked; take gap, horizon and exclude-early-onset out of the task's source.",
                _folder.Problem(source, "outc.parquet"));
        }
    }

    [Fact]
    public void A_stay_without_a_label_in_any_hour_is_counted_once_and_where_its_patient_was_dealt()
    {
        Write([new Stay(6, null), new Stay(6, 5), new Stay(6, null)]);
        ParquetTable.Write(_folder.At("outc.parquet"), ("stay_id", new long[] { 1, 1, 2, 2, 2 }), ("time", new long[] { 0, 3 * 3600, 0, 3 * 3600, 4 * 3600 }),
            ("label", new double?[] { null, null, 0, null, 1 }));
        Directory.CreateDirectory(_folder.At("set"));
        foreach (string file in Directory.GetFiles(_folder.Path, "*.parquet"))
            File.Move(file, Path.Combine(_folder.At("set"), Path.GetFileName(file)));
        var source = Source with { Path = "set" };
        Assert.Equal(("2", 1), _folder.Read(source).Samples.Select(s => (s.Id, s.Label)).Single());
        Assert.Equal(1, _folder.Read(source).NotAsked["has no such outcome"]);
        Assert.Empty(_folder.Dealt(source, "2")!.NotAsked);
    }

    [Fact]
    public void Sepsis_of_YAIB_is_asked_so_that_the_length_of_a_stay_tells_nothing()
    {
        string folder = RealData.Folder("yaib-demo");
        var source = Source with
        {
            Path = "sepsis/eicu_demo",
            Hours = 6,
            Horizon = 24,
            Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty
                .Add("vital", [new("hr", 0, 1), new("resp", 0, 1), new("map", 0, 1), new("o2sat", 0, 1)]),
        };
        var read = DataSet.Read(source, folder)!;
        Assert.Equal((872, 29), (read.Samples.Length, read.Samples.Count(s => s.Label == 1)));
        Assert.Equal((24, 10), (read.NotAsked[HourlyOutcome.Early], read.Seen[HourlyOutcome.Later]));

        var dyn = ParquetTable.Read(Path.Combine(folder, source.Path, "dyn.parquet"), "stay_id", "time");
        var hours = dyn.Ids("stay_id").Zip(dyn["time"]).ToLookup(row => row.First.ToString(CultureInfo.InvariantCulture), row => row.Second / 3600);
        Assert.Equal(0.5, Auroc(read.Samples, sample => hours[sample.Id].Count(hour => hour < source.Hours)), 0.03);
        // Of the same stays, the rows that come later would tell it.
        Assert.InRange(Auroc(read.Samples, sample => hours[sample.Id].Count()), 0, 0.4);
    }

    // Share of pairs of a positive and a negative sample in which the positive one has more; half of those that have the same.
    private static double Auroc(ImmutableArray<Sample> samples, Func<Sample, double> feature)
    {
        double[] positive = [.. samples.Where(s => s.Label == 1).Select(feature)], negative = [.. samples.Where(s => s.Label == 0).Select(feature)];
        return positive.Sum(p => negative.Sum(n => p > n ? 1 : p == n ? 0.5 : 0)) / positive.Length / negative.Length;
    }

    private static void AssertAlike(Sample expected, Sample actual)
    {
        Assert.Equal(expected.Inputs.Keys, actual.Inputs.Keys);
        foreach (var (modality, values) in expected.Inputs)
        {
            Assert.Equal(values.Shape, actual.Inputs[modality].Shape);
            Assert.Equal(values.Data, actual.Inputs[modality].Data);
            Assert.Equal(values.Mask!, actual.Inputs[modality].Mask!);
        }
    }

    private void Write(Stay[] stays)
    {
        (long Id, int Hour, double? Rate, double? Lactate, bool Positive)[] rows =
        [
            .. stays.SelectMany((stay, i) => Enumerable.Range(0, stay.Length).Select(hour =>
            {
                int seed = stay.Future is { } future && hour >= future.From ? future.Seed : stay.Seed;
                var random = SeededGenerator.Derive(seed, "hour", hour);
                return (i + 1L, hour, random.NextInt(4) == 0 ? null : (double?)random.NextInt(200), random.NextInt(3) > 0 ? null : (double?)random.NextInt(20), hour >= stay.Onset);
            })),
        ];
        long[] ids = [.. rows.Select(row => row.Id)], times = [.. rows.Select(row => row.Hour * 3600L)];
        ParquetTable.Write(_folder.At("sta.parquet"), ("stay_id", stays.Select((_, i) => i + 1L).ToArray()), ("age", stays.Select(stay => (double?)(50 + stay.Seed)).ToArray()));
        ParquetTable.Write(_folder.At("outc.parquet"), ("stay_id", ids), ("time", times), ("label", rows.Select(row => row.Positive ? 1 : 0).ToArray()));
        ParquetTable.Write(_folder.At("dyn.parquet"), ("stay_id", ids), ("time", times),
            ("hr", rows.Select(row => row.Rate).ToArray()), ("lact", rows.Select(row => row.Lactate).ToArray()));
    }

    /// <summary>A stay of a table.</summary>
    /// <param name="Length">Hours of it.</param>
    /// <param name="Onset">The first hour with a label of 1, if the table reaches it.</param>
    /// <param name="Seed">What is measured in it.</param>
    /// <param name="Future">From which hour on something else is measured.</param>
    private sealed record Stay(int Length, int? Onset, int Seed = 1, (int From, int Seed)? Future = null);
}
