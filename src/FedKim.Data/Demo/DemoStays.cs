using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data.Clinical;
using FedKim.Rounds;

namespace FedKim.Data.Demo;

/// <summary>Writes ICU stays of 24 hours in YAIB's layout.</summary>
internal static class DemoStays
{
    public const string Folder = "icu";
    public const int Hours = 24;

    private static readonly ImmutableArray<Course> Courses =
    [
        new("vital", "hr", 84, 17, 25, 220, 1.5, 0.9),
        new("vital", "sbp", 121, 21, 40, 260, -1.4, 0.88),
        new("vital", "dbp", 64, 14, 20, 150, -1.0, 0.88),
        new("vital", "map", 82, 15, 25, 180, -1.4, 0.88),
        new("vital", "resp", 19, 5.5, 4, 60, 1.2, 0.88),
        new("vital", "temp", 36.9, 0.7, 31, 42, 0.4, 0.4),
        new("vital", "o2sat", 96.5, 2.8, 60, 100, -1.0, 0.88),
        new("lab", "bicar", 24, 4.6, 5, 50, -1.2, 0.14),
        new("lab", "bun", 25, 19, 2, 200, 1.2, 0.14),
        new("lab", "crea", 1.4, 1.2, 0.2, 15, 1.1, 0.14),
        new("lab", "glu", 140, 50, 30, 700, 0.5, 0.25),
        new("lab", "hgb", 10.9, 2.1, 4, 20, -0.4, 0.16),
        new("lab", "k", 4.1, 0.6, 2, 8, 0.5, 0.16),
        new("lab", "lact", 2.1, 1.6, 0.3, 25, 1.8, 0.1),
        new("lab", "na", 138, 5.2, 110, 175, 0.1, 0.16),
        new("lab", "ph", 7.37, 0.08, 6.8, 7.7, -1.3, 0.1),
        new("lab", "plt", 205, 95, 5, 1000, -0.8, 0.12),
        new("lab", "wbc", 11.6, 5.8, 0.1, 100, 0.8, 0.12),
        new("input", "fio2", 42, 17, 21, 100, 1.3, 0.5),
        new("input", "ins", 1.5, 2, 0, 30, 0.3, 0.3),
        new("input", "norepi_rate", 0.05, 0.09, 0, 2, 1.8, 0.5),
        new("output", "urine", 95, 80, 0, 1500, -1.1, 0.55),
    ];

    /// <summary>The variables by modality, with the constants they are standardised by.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<Variable>> Variables { get; } = Courses.GroupBy(c => c.Modality)
        .ToImmutableSortedDictionary(
            m => m.Key, m => m.Select(c => new Variable(c.Column, c.Mean, c.Deviation)).ToImmutableArray(), StringComparer.Ordinal);

    public static void Write(string root, DemoPlaces places, int total, long seed, CancellationToken cancel)
    {
        int stay = 200_000;
        foreach (var (place, patients) in places.Deal(Folder, 50_001, total, notAtTheLastSite: false))
        {
            var rows = new Stays();
            foreach (var patient in patients)
            {
                cancel.ThrowIfCancellationRequested();
                var body = SeededGenerator.Derive(seed, "demo", Folder, patient.Id, "body");
                double[] habit = [.. Courses.Select(_ => 0.6 * body.NextGaussian())];
                var person = new Person(int.Parse(patient.Id, CultureInfo.InvariantCulture), 18 + body.NextInt(72),
                    body.Chance(0.45) ? "Female" : "Male", Math.Round(body.Uniform(150, 195), 1), Math.Round(body.Uniform(48, 120), 1));
                for (int visit = 0; visit < patient.Samples; visit++)
                {
                    var draws = SeededGenerator.Derive(seed, "demo", Folder, patient.Id, "stay", visit);
                    var (severity, died) = DemoTasks.Condition(
                        SeededGenerator.Derive(seed, "demo", Folder, patient.Id, "condition"), draws, place.Prevalence[DemoTasks.Mortality]);
                    rows.AddStay(++stay, person, died);
                    for (int hour = 0; hour < Hours; hour++)
                        rows.AddHour(stay, hour, c => Cell(draws, c, hour, severity, habit[c]));
                }
            }

            rows.Write(Path.Combine(root, place.Folder, Folder));
        }
    }

    private static double? Cell(SeededGenerator draws, int course, int hour, double severity, double habit)
    {
        var c = Courses[course];
        // The sicker are watched more closely: what is missing says something, too.
        if (!draws.Chance(Math.Min(0.97, c.Measured * (1 + (0.5 * severity)))))
            return null;
        double deviations = habit + (c.Drift * severity * (0.4 + (0.6 * hour / (Hours - 1)))) + (0.55 * draws.NextGaussian());
        return Math.Round(Math.Clamp(c.Mean + (c.Deviation * deviations), c.Low, c.High), c.Deviation < 1 ? 2 : 1);
    }

    /// <summary>How a variable, named and measured as YAIB and ricu do, behaves.</summary>
    /// <param name="Drift">Deviations that a stay of severity 1 moves within the day.</param>
    /// <param name="Measured">Share of hours with a value, before the sicker are watched more closely.</param>
    private sealed record Course(
        string Modality, string Column, double Mean, double Deviation, double Low, double High, double Drift, double Measured);

    private sealed record Person(int Id, double Age, string Sex, double Height, double Weight);

    /// <summary>The three files' columns while they grow.</summary>
    private sealed class Stays
    {
        private readonly List<int> _stays = [], _patients = [], _labels = [], _dynStays = [];
        private readonly List<double?> _ages = [], _heights = [], _weights = [];
        private readonly List<string> _sexes = [];
        private readonly List<long> _seconds = [];
        private readonly List<double?>[] _cells = [.. Courses.Select(_ => new List<double?>())];

        public void AddStay(int stay, Person person, bool died)
        {
            _stays.Add(stay);
            _patients.Add(person.Id);
            _ages.Add(person.Age);
            _sexes.Add(person.Sex);
            _heights.Add(person.Height);
            _weights.Add(person.Weight);
            _labels.Add(died ? 1 : 0);
        }

        public void AddHour(int stay, int hour, Func<int, double?> cell)
        {
            _dynStays.Add(stay);
            _seconds.Add(3600L * hour);
            for (int c = 0; c < Courses.Length; c++)
                _cells[c].Add(cell(c));
        }

        public void Write(string folder)
        {
            Directory.CreateDirectory(folder);
            ParquetTable.Write(Path.Combine(folder, "sta.parquet"), ("stay_id", _stays.ToArray()), ("patient_id", _patients.ToArray()),
                ("age", _ages.ToArray()), ("sex", _sexes.ToArray()), ("height", _heights.ToArray()), ("weight", _weights.ToArray()));
            ParquetTable.Write(Path.Combine(folder, "outc.parquet"), ("stay_id", _stays.ToArray()), ("label", _labels.ToArray()));
            ParquetTable.Write(Path.Combine(folder, "dyn.parquet"),
            [
                ("stay_id", _dynStays.ToArray()), ("time", _seconds.ToArray()),
                .. Courses.Select((c, i) => (c.Column, (Array)_cells[i].ToArray())),
            ]);
        }
    }
}
