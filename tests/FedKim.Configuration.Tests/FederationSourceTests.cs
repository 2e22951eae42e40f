using CsCheck;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Configuration.Tests;

/// <summary>What a federation file says of where a task's data come from.</summary>
public sealed class FederationSourceTests : IDisposable
{
    private const string Smallest = SmallestFederation.Text;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_source_says_how_a_published_set_is_read()
    {
        var set = Source("reader = medmnist\n file = pneumoniamnist.npz\n parts = [val, train]\n on-bad-sample = skip");
        var findings = Source("reader = chexpert\n lateral = on\n uncertain = positive\n unmentioned = ignore");
        var questions = Source("reader = slake\n questions = yes-no\n language = zh", "{question}");

        Assert.Equal(("medmnist", "pneumoniamnist.npz", BadSample.Skip), (set.Reader, set.File, set.OnBadSample));
        Assert.Equal(["val", "train"], set.Parts);
        Assert.Equal((true, Finding.Positive, Finding.Ignore), (findings.Lateral, findings.Uncertain, findings.Unmentioned));
        Assert.Equal((QuestionKind.YesNo, "zh"), (questions.Questions, questions.Language));
        var plain = Source("reader = image-folder");
        Assert.Equal(new TaskSource { Reader = "image-folder", Path = "xray", Variables = plain.Variables }, plain);

        static TaskSource Source(string settings, string prompt = "Is there pneumonia?") => LearningPlan.Parse(FederationFile.ParseText(
            Smallest.Replace("reader = image-folder", settings).Replace("Is there pneumonia?", prompt)).Learning).Tasks.Single().Source;
    }

    [Fact]
    public void What_a_stay_is_asked_and_whose_split_is_kept_stand_in_a_plan_where_they_are_not_the_rule()
    {
        const string Rule = "reader = medmnist\n file = a.npz\n split = patient";
        Assert.Equal(Plan("reader = medmnist\n file = a.npz").Learning, Plan(Rule).Learning);
        Assert.All(["split", "horizon", "gap", "early", "shared"], word => Assert.DoesNotContain($"{word}", Plan(Rule).Learning, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(SplitBy.Published, Source("reader = medmnist\n file = a.npz\n split = published").Split);

        static TaskSource Source(string settings) => LearningPlan.Parse(Plan(settings).Learning).Tasks.Single().Source;
        static FederationPlan Plan(string settings) => FederationFile.ParseText(Smallest.Replace("reader = image-folder", settings));
    }

    [Fact]
    public void Groups_stand_in_a_plan_where_they_are_asked_for_alone()
    {
        var plan = FederationFile.ParseText(Smallest.Replace("reader = image-folder", "reader = image-folder\n group-column = age\n group-cuts = [40, 62.5]"));
        var source = LearningPlan.Parse(plan.Learning).Tasks.Single().Source;
        Assert.Equal("age", source.GroupColumn);
        Assert.Equal([40, 62.5], source.GroupCuts!.Value);
        string without = FederationFile.ParseText(Smallest).Learning;
        Assert.DoesNotContain("group", without, StringComparison.OrdinalIgnoreCase);
        var grouped = LearningPlan.Parse(plan.Learning);
        Assert.Equal(without, (grouped with { Tasks = [grouped.Tasks[0] with { Source = source.WithoutGroups() }] }).ToJson());
    }

    [Fact]
    public void A_stay_is_asked_at_an_hour_about_the_hours_that_follow()
    {
        const string Stays = """
            reader = yaib
            hours = 6
            gap = 2
            horizon = 24
            exclude-early-onset = off
            variables.vital.hr { mean = 80, deviation = 20 }
            """;
        var source = Source(Stays);
        Assert.Equal((6, 2, 24, false), (source.Hours, source.Gap, source.Horizon, source.ExcludeEarlyOnset));
        Assert.Null(Source(Stays.Replace("= off", "= on")).ExcludeEarlyOnset);

        static TaskSource Source(string settings) => LearningPlan.Parse(FederationFile.ParseText(Smallest.Replace("reader = image-folder", settings)
            .Replace("encoders.image.name = deit", "encoders.vital.name = clinical-transformer").Replace("[image]", "[vital]")).Learning).Tasks.Single().Source;
    }

    [Theory]
    [InlineData("", "Lung_Opacity (all 6,012) and Normal (8,851 of 10,192)")]
    [InlineData("parts = [COVID, Normal]", "Normal (8,851 of 10,192)")]
    [InlineData("parts = [COVID, \"Viral Pneumonia\"]", null)]
    [InlineData("shared-people = accepted", null)]
    public void Pictures_that_another_source_has_under_other_names_are_refused_unless_they_are_left_out_or_accepted(string setting, string? shared)
    {
        string file = _folder.Write("f.conf", $"{Smallest.Replace("reader = image-folder", $"reader = covid-radiography\n {setting}")}\n"
            + "federation.tasks.opacity { kind = training, modalities = [image], prompt = a, task-description = b, modality-description = c, source { reader = rsna, path = rsna } }\n");

        if (shared is null)
        {
            Assert.Equal(2, LearningPlan.Parse(FederationFile.Parse(file).Plan.Learning).Tasks.Length);
            return;
        }

        string problem = Assert.Single(Problems(file));
        Assert.Contains($"federation.tasks.pneumonia.source.parts let in pictures that are the RSNA's under other names: {shared}. opacity reads these, too", problem, StringComparison.Ordinal);
        Assert.EndsWith("Leave them out by parts, or write shared-people = accepted.", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("split = published", "source.split is published, but of what image-folder reads it knows no parts that a publisher made. Take it out")]
    [InlineData("group-cuts = [40]", "source.group-cuts cuts no column; name one by group-column, or take this out.")]
    [InlineData("group-column = age, group-cuts = []", "source.group-cuts must be 1 to 10 numbers, each above the one before, such as [40, 65].")]
    [InlineData("group-column = age, group-cuts = [40, old]", "source.group-cuts must be 1 to 10 numbers, each above the one before, such as [40, 65].")]
    [InlineData("group-column = age, group-cuts = [65, 40]", "source.group-cuts must be 1 to 10 numbers, each above the one before, such as [40, 65].")]
    [InlineData("group-column = age, group-cuts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]", "source.group-cuts must be 1 to 10 numbers, each above the one before, such as [40, 65].")]
    [InlineData("group-column = \"\"", "source.group-column is \"\"; it must be a text.")]
    [InlineData("split = anew", "source.split is \"anew\"; allowed are patient, published.")]
    [InlineData("horizon = 6", "source.horizon is nothing that the reader image-folder minds")]
    [InlineData("held-out = on", "source.held-out is on, but the task is trained")]
    [InlineData("patients-of = mri", "source.patients-of is \"mri\"; it must be the path of another task's source")]
    [InlineData("reader = ecg-qa", "source.records is missing; set it to a text.")]
    [InlineData("wording = rhymed", "source.wording is \"rhymed\"; allowed are paraphrased, template.")]
    [InlineData("variables.vital.hr { mean = 80, deviation = 20, least = 9, most = 8 }", "source.variables.vital.hr.least is 9, above most, which is 8.")]
    public void A_mistake_in_a_source_is_answered_with_key_and_remedy(string setting, string message)
    {
        string file = _folder.Write("f.conf", $"{Smallest}\nfederation.tasks.pneumonia.source {{ {setting} }}\n");

        Assert.Contains(Problems(file), problem => problem.Contains($"federation.tasks.pneumonia.{message}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("image-folder", "downsample = 4", "16: federation.tasks.pneumonia.source.downsample is nothing that the reader image-folder minds: it minds path, on-bad-sample, patients-of, held-out, split, image-size, label, csv, file-column, patient-column, images, picture-bits, group-column, group-cuts. Take it out.")]
    [InlineData("image-folder", "file = a.npz", "source.file is nothing that the reader image-folder minds")]
    [InlineData("image-folder", "file = a.npz", "Did you mean file-column? Take it out.")]
    [InlineData("medmnist", "file = a.npz, image-size = 28, picture-bits = 12", "source.picture-bits is nothing that the reader medmnist minds: it minds path,")]
    [InlineData("medmnist", "file = a.npz, group-column = sex", "source.group-column is nothing that the reader medmnist minds")]
    [InlineData("rsna", "group-cuts = [1]", "source.group-cuts is nothing that the reader rsna minds")]
    [InlineData("ptbxl", "hours = 3", "source.hours is nothing that the reader ptbxl minds")]
    [InlineData("yaib", "lateral = off", "source.lateral is nothing that the reader yaib minds")]
    public void A_setting_of_a_source_that_its_reader_does_not_mind_is_refused(string reader, string setting, string message)
    {
        string file = _folder.Write("f.conf", Smallest.Replace("reader = image-folder", $"reader = {reader}").Replace("path = xray", $"path = xray\n {setting}"));

        Assert.Contains(Problems(file), problem => problem.StartsWith($"{file}:16: ", StringComparison.Ordinal) && problem.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_source_that_an_included_file_writes_for_another_reader_is_taken_back_by_null()
    {
        string included = _folder.Write("included.conf", Smallest.Replace("path = xray", "path = xray, csv = list.csv"));
        const string Other = "federation.tasks.pneumonia.source { reader = chexpert, path = ct }";

        Assert.Contains("included.conf:15: federation.tasks.pneumonia.source.csv", Assert.Single(Problems(_folder.Write("f.conf", $"include \"{included}\"\n{Other}\n"))));
        string file = _folder.Write("g.conf", $"include \"{included}\"\nfederation.tasks.pneumonia.source = null\n{Other}\n");
        Assert.Equal("chexpert", LearningPlan.Parse(FederationFile.Parse(file).Plan.Learning).Tasks.Single().Source.Reader);
    }

    [Fact]
    public void A_reader_that_does_not_say_what_it_minds_may_mind_everything()
    {
        DataSet.Readers.Add(new Silent());

        var source = LearningPlan.Parse(Parse(Smallest.Replace("reader = image-folder", "reader = silent\n hours = 3\n lateral = on")).Plan.Learning).Tasks.Single().Source;

        Assert.Equal((3, true), (source.Hours, source.Lateral));
    }

    [Fact]
    public void Two_tasks_on_one_path_have_the_same_patients()
    {
        string second = "federation.tasks.other { kind = training, modalities = [image], prompt = a, task-description = b, modality-description = c, "
            + "source { reader = image-folder, path = ct } }\n"
            + "federation.tasks.third { kind = training, modalities = [image], prompt = a, task-description = b, modality-description = c, "
            + "source { reader = image-folder, path = xray, label = other, patients-of = ct } }\n";

        Assert.Contains(Problems(_folder.Write("f.conf", $"{Smallest}\n{second}")), problem => problem.Contains("is not what third says of the same path; say the same in both.", StringComparison.Ordinal));
    }

    private (FederationPlan Plan, string Text) Parse(string text) => FederationFile.Parse(_folder.Write("f.conf", text));

    private static IEnumerable<string> Problems(string file) =>
        Assert.Throws<InvalidConfigurationException>(() => FederationFile.Parse(file)).Problems;

    private sealed class Silent : IReader
    {
        public string Name => "silent";

        public Modality Modality => Modality.Image;

        public IEnumerable<ListedSample> Read(DataPlace place) => [];
    }
}
