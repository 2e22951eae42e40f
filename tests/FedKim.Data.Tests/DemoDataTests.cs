using FedKim.Data.Demo;

namespace FedKim.Data.Tests;

public sealed class DemoDataTests(Demonstration demonstration)
{
    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        using var first = new SmallDemonstration(seed: 3);
        using var second = new SmallDemonstration(seed: 3);
        using var other = new SmallDemonstration(seed: 4);
        Assert.Equal(first.Content(), second.Content());
        Assert.NotEqual(first.Content().Values, other.Content().Values);
    }

    [Fact]
    public void A_finished_demonstration_is_left_alone_and_an_interrupted_one_is_made_anew()
    {
        using var demo = new SmallDemonstration();
        var whole = demo.Content();
        string picture = demo.File("xray", ".png");
        File.WriteAllText(picture, "touched");
        demo.Generate(seed: 3);
        Assert.Equal("touched", File.ReadAllText(picture));

        File.Move(Path.Combine(demo.Folder, "demo.json"), Path.Combine(demo.Folder, "demo.unfinished"));
        demo.Generate(seed: 3);
        Assert.Equal(whole, demo.Content());
    }

    [Fact]
    public void A_demonstration_of_another_seed_or_size_leaves_nothing_of_the_old_one_behind()
    {
        using var demo = new SmallDemonstration(seed: 3, hospitals: 5);
        demo.Generate(seed: 4, hospitals: 2);
        using var fresh = new SmallDemonstration(seed: 4, hospitals: 2);
        Assert.Equal(fresh.Content(), demo.Content());
    }

    [Fact]
    public void A_folder_with_other_files_is_refused_and_left_alone()
    {
        using var demo = new SmallDemonstration();
        File.Delete(Path.Combine(demo.Folder, "demo.json"));
        var before = demo.Content();
        Assert.Throws<DataException>(() => demo.Generate(seed: 3));
        Assert.Equal(before, demo.Content());
    }

    [Fact]
    public void No_patient_crosses_splits_or_sites()
    {
        foreach (string task in DemoData.Sources.Keys)
            Assert.Null(Splits.Crossing(demonstration.Read(task).Select(p => KeyValuePair.Create(p.Key, p.Value?.Samples.Select(s => s.Patient) ?? []))));
    }

    [Fact]
    public void Every_site_has_every_training_task_except_that_the_last_has_no_ECG()
    {
        foreach (string task in (string[])["pneumonia", "lung-opacity", "ecg-abnormal", "mortality"])
        {
            foreach (var (place, data) in demonstration.Read(task))
            {
                if (task == "ecg-abnormal" && place == DemoSites.Name(Demonstration.Hospitals - 1))
                    Assert.Null(data);
                else
                    Assert.InRange(data!.Samples.Average(s => s.Label), 0.1, 0.6);
            }
        }
    }

    [Fact]
    public void The_only_hospital_has_every_training_task()
    {
        using var demo = new SmallDemonstration(hospitals: 1);
        Assert.NotNull(demo.Read("ecg-abnormal"));
    }

    [Fact]
    public void Zero_shot_labels_are_found_where_models_are_measured_alone()
    {
        foreach (var (place, data) in demonstration.Read("pleural-effusion"))
        {
            if (place is "server/development" or "server/test")
                Assert.InRange(data!.Samples.Average(s => s.Label), 0.1, 0.5);
            else
                Assert.Null(data);
        }

        foreach (var (place, data) in demonstration.Read("ectopic-beats"))
            Assert.Equal(place == "server/test", data?.Samples.Any(s => s.Label == 1) ?? false);
    }

    [Fact]
    public void Totals_do_not_depend_on_the_number_of_hospitals()
    {
        using var few = new SmallDemonstration(hospitals: 2);
        using var many = new SmallDemonstration(hospitals: 9);
        Assert.Equal(few.Content().Keys.Count(Sample), many.Content().Keys.Count(Sample));
        Assert.Equal(60 + 40, many.Content().Keys.Count(Sample));
        static bool Sample(string file) => file.EndsWith(".png", StringComparison.Ordinal) || file.EndsWith(".dat", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pneumonia", 1, 32, 32)]
    [InlineData("lung-opacity", 1, 32, 32)]
    [InlineData("pleural-effusion", 1, 32, 32)]
    [InlineData("ecg-abnormal", 12, 250)]
    [InlineData("ectopic-beats", 12, 250)]
    [InlineData("mortality", 24, null)]
    public void A_task_gives_finite_values_of_one_shape(string task, params int?[] shape)
    {
        var samples = demonstration.Read(task).SelectMany(place => place.Value?.Samples ?? []).ToList();
        foreach (string modality in samples[0].Inputs.Keys)
        {
            Assert.All(samples, sample =>
            {
                var values = sample.Inputs[modality];
                Assert.Equal(samples[0].Inputs[modality].Shape, values.Shape);
                Assert.Equal(shape, values.Shape.Select((edge, axis) => shape[axis] is null ? null : (int?)edge));
                Assert.Equal(values.Shape.Aggregate((a, b) => a * b), values.Data.Length);
                Assert.True(values.Data.All(float.IsFinite));
                Assert.True(values.Mask is null || values.Data.Zip(values.Mask).All(cell => cell.Second || cell.First == 0));
            });
        }
    }

    [Fact]
    public void Hospitals_are_named_by_letters() =>
        Assert.Equal(["hospital-a", "hospital-z", "hospital-aa", "hospital-az", "hospital-ba", "hospital-zz", "hospital-aaa"],
            new[] { 0, 25, 26, 51, 52, 701, 702 }.Select(DemoSites.Name));
}
