using FedKim.Data.Demo;

namespace FedKim.Data.Tests;

public sealed class InspectionTests
{
    private static readonly DataTask[] Tasks = [.. DemoData.Sources.Select(s => new DataTask(s.Key, s.Value, ZeroShot: false))];

    [Fact]
    public void Every_place_is_counted_as_its_data_say()
    {
        using var demo = new SmallDemonstration();
        var inspection = Inspection.Of(demo.Folder, Tasks);

        Assert.Empty(inspection.Problems);
        Assert.Equal(["hospital-a", "hospital-b", "hospital-c", "server/development", "server/public", "server/test"], inspection.Counts.Select(c => c.Folder).Distinct());
        var pneumonia = demo.Read("pneumonia")!.Samples;
        var count = inspection.Counts.Single(c => (c.Folder, c.Task) == ("hospital-a", "pneumonia"));
        Assert.Equal((pneumonia.Length, pneumonia.Select(s => s.Patient).Distinct().Count(), pneumonia.Count(s => s.Label == 1)), (count.Samples, count.Patients, count.Positive));
        Assert.Equal(pneumonia.Average(s => s.Label), count.PositiveShare, 1e-12);
        Assert.Empty(count.Unmeasured);
    }

    [Fact]
    public void What_was_not_measured_is_told_by_modality()
    {
        using var demo = new SmallDemonstration();
        var count = Inspection.Of(demo.Folder, Tasks).Counts.Single(c => (c.Folder, c.Task) == ("hospital-a", "mortality"));
        bool[][] labs = [.. demo.Read("mortality")!.Samples.Select(s => s.Inputs["lab"].Mask!)];
        Assert.Equal(["input", "lab", "output", "vital"], count.Unmeasured.Keys);
        Assert.Equal(labs.SelectMany(m => m).Average(measured => measured ? 0.0 : 1.0), count.Unmeasured["lab"], 1e-12);
    }

    [Fact]
    public void One_place_or_a_folder_of_whole_data_sets_is_inspected_as_it_is()
    {
        using var demo = new SmallDemonstration();
        var counts = Inspection.Of(demo.Site, Tasks).Counts;
        Assert.All(counts, c => Assert.Equal(".", c.Folder));
        Assert.Equal(Inspection.Of(demo.Folder, Tasks).Counts.Where(c => c.Folder == "hospital-a").Select(c => (c.Task, c.Samples)), counts.Select(c => (c.Task, c.Samples)));
    }

    [Fact]
    public void Somebody_in_two_places_is_a_problem_even_by_way_of_two_tasks()
    {
        using var demo = new SmallDemonstration();
        // The pictures' first patient at hospital-b becomes one whom hospital-a has, for one task here and for the other there.
        string[] here = File.ReadAllLines(demo.File("xray", "labels.csv"));
        string there = Path.Combine(demo.Folder, "hospital-b", "xray", "labels.csv");
        string[] lines = File.ReadAllLines(there);
        string patient = here[1].Split(',')[1];
        lines[1] = Cell(Cell(lines[1], 1, patient), 6, "");
        File.WriteAllLines(there, lines);
        here = [here[0], .. here[1..].Select(line => line.Split(',')[1] == patient ? Cell(line, 5, "") : line)];
        File.WriteAllLines(demo.File("xray", "labels.csv"), here);

        string problem = Assert.Single(Inspection.Of(demo.Folder, Tasks).Problems);
        Assert.Contains($"hospital-b: patient {patient} is also in hospital-a", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error() =>
        Assert.Throws<DataException>(() => Inspection.Of("/nowhere/at/all", Tasks));

    private static string Cell(string line, int column, string text)
    {
        string[] fields = line.Split(',');
        fields[column] = text;
        return string.Join(',', fields);
    }
}
