using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Hospital;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Testing;
using FedKim.Transfer;

namespace FedKim.Actors.Tests.Leaving;

/// <summary>
/// Nothing of a site's data leaves it but through what is trained: whatever is wrong with the files of whatever reader, the names in them, of them
/// and above them stay.
/// </summary>
public sealed class LeavingTests(Demonstration demo)
    : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf") + Fragments.Text("serialization.conf"))), IClassFixture<Demonstration>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly ClientId Site = new("hospital-a");

    private readonly TemporaryFolder _folder = new();
    private readonly Crossing _crossing = new();
    private int _round;

    // The folders above the data are named after people, too.
    private string Data => Path.Combine(_folder.Path, MarkedData.Mark, "data");

    public static IEnumerable<TheoryDataRow<string>> Readers => MarkedData.ByReader.Keys.Select(name => new TheoryDataRow<string>(name));

    [Fact]
    public void Every_reader_is_tried() =>
        Assert.Equal(DataSet.Readers.All.Where(reader => reader.GetType().Assembly == typeof(DataSet).Assembly).Select(reader => reader.Name).Order(StringComparer.Ordinal),
            MarkedData.ByReader.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task No_error_of_a_reader_tells_what_stands_in_its_files_or_how_they_are_called(string reader)
    {
        string sound = Path.Combine(_folder.Path, "sound");
        var source = MarkedData.ByReader[reader](sound, demo);
        var (site, model) = (Start(), Garbage());
        Copy(sound);

        // What is sound is read, and then the model is none.
        Assert.Equal(SiteSentences.ModelUnreadable.Say().Text, await Reason(site, Plan(source), model));
        var told = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (what, damage) in Damage.Of(sound))
        {
            Copy(sound);
            damage(Data);
            string reason = await Reason(site, Plan(source), model);
            told[reason] = told.GetValueOrDefault(reason) + 1;
            Assert.False(_crossing.Holds(MarkedData.Mark), $"{reader}: {what}: {reason}");
        }

        Assert.True(told.GetValueOrDefault(SiteSentences.Data.Say("task").Text) > 5, string.Join('\n', told));
        string modality = Plan(source).Tasks[0].Modalities[0];
        SiteReason[] known =
        [
            SiteSentences.Data.Say("task"), SiteSentences.NoData.Say(), SiteSentences.ModelUnreadable.Say(), SiteSentences.NoModality.Say("task", modality),
            SiteSentences.OtherShape.Say("task", modality), SiteSentences.NoQuestion.Say("task"),
        ];
        Assert.Subset(known.Select(reason => reason.Text).ToHashSet(), told.Keys.ToHashSet());
    }

    [Fact]
    public async Task A_column_of_names_taken_for_one_of_files_stays_at_the_site()
    {
        var source = MarkedData.ImageFolder(Data);
        var (site, model) = (Start(), Garbage());

        foreach (var typo in (TaskSource[])
        [
            source with { FileColumn = "name" }, source with { FileColumn = "patient" }, source with { Label = "name" }, source with { Csv = "list.csv" },
            source with { Path = "elsewhere" }, source with { Path = "../.." },
        ])
        {
            await Reason(site, Plan(typo), model);
        }

        Assert.False(_crossing.Holds(MarkedData.Mark));
        Assert.True(_crossing.Count >= 6);
    }

    [Fact]
    public async Task No_error_of_training_tells_more_than_the_order_did()
    {
        var plan = Plan(MarkedData.ImageFolder(Data));
        var task = plan.Tasks[0];
        var (site, garbage) = (Start(), Garbage());
        HashSet<string> told = [];
        foreach (var wrong in (LearningPlan[])
        [
            plan with { Tasks = [task with { Prompt = "Is it? {question}" }] },
            plan with { Tasks = [task with { Kind = "other" }] },
            plan with { Tasks = [task with { Source = task.Source with { Reader = "of-a-package" } }] },
            plan with { Tasks = [task with { Modalities = ["image", "signal"] }] },
            plan with { Encoders = plan.Encoders.SetItem("image", plan.Encoders["image"] with { Name = "of-a-package" }) },
            plan with { Encoders = ImmutableSortedDictionary<string, EncoderPlan>.Empty },
        ])
        {
            told.Add(await Reason(site, wrong, garbage));
        }

        told.Add(await Reason(site, plan, Model(plan, width: 64)));
        told.Add(await Reason(site, plan with { Local = plan.Local with { LearningRate = 1e30, Epochs = 20 } }, Model(plan)));

        Assert.False(_crossing.Holds(MarkedData.Mark));
        Assert.DoesNotContain(SiteSentences.Other.Say().Text, told);
        Assert.Contains(SiteSentences.NoQuestion.Say("task").Text, told);
        Assert.Contains(SiteSentences.UnknownName.Say("reader", "of-a-package").Text, told);
        Assert.Contains(told, reason => reason.Contains("does not fit the plan as this node knows it, at parameter ", StringComparison.Ordinal));
        Assert.Contains(told, reason => reason.Contains("became NaN or infinite", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_update_carries_names_nobody()
    {
        var plan = Plan(MarkedData.ImageFolder(Data));
        var site = Start();

        Order(site, plan, Model(plan));
        var said = (SiteMessages.Contribute)await FishForMessageAsync(m => m is SiteMessages.Contribute, Limit);

        Assert.Equal([new TaskSamples("task", 2)], said.Samples);
        Assert.True(_crossing.Bytes > 10_000);
        Assert.True(_crossing.Holds("encoder.image."));
        Assert.False(_crossing.Holds(MarkedData.Mark));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }

    private IActorRef Start()
    {
        var server = Sys.ActorOf(_crossing.Server(TestActor));
        var store = new WeightStore(Path.Combine(_folder.Path, MarkedData.Mark, "weights"), true);
        var (route, rounds) = (new WeightRoute(_crossing.Weights), Path.Combine(_folder.Path, MarkedData.Mark, "rounds"));
        return Sys.ActorOf(HospitalRole.Work(Site, () => new LocalTraining(Data) { Key = [1, 2, 3] }, store, route, rounds, server, CancellationToken.None));
    }

    private void Order(IActorRef site, LearningPlan plan, Digest model) =>
        site.Tell(new SiteMessages.Train(new RoundId(new FederationId("demo"), ++_round), 7, "fedavg", plan.ToJson(), model, "http://10.0.0.5:9200", 1));

    private async Task<string> Reason(IActorRef site, LearningPlan plan, Digest model)
    {
        Order(site, plan, model);
        return ((SiteMessages.CannotContribute)await FishForMessageAsync(m => m is SiteMessages.CannotContribute said && said.Round.Number == _round, Limit)).Reason;
    }

    private static LearningPlan Plan(TaskSource source)
    {
        var reader = DataSet.Readers.Get(source.Reader);
        string[] modalities = reader.Modality.Name is { } name ? [name] : [.. source.Variables.Keys];
        var encoder = reader.Modality == Modality.Image ? new EncoderPlan { Name = "deit", Width = 32, Depth = 1 }
            : reader.Modality == Modality.Signal ? new EncoderPlan { Name = "signal-cnn", Width = 32, Depth = 4 }
            : new EncoderPlan { Name = "clinical-transformer", Width = 16, Depth = 1, Heads = 2, Tokens = 1 };
        return new LearningPlan
        {
            Tasks =
            [
                new TaskPlan
                {
                    Name = "task",
                    Kind = TaskPlan.TrainingKind,
                    Modalities = [.. modalities],
                    Source = source,
                    Prompt = reader.AsksEach ? TaskPlan.QuestionPlace : "Is it?",
                    TaskDescription = "Tell.",
                    ModalityDescription = "One.",
                },
            ],
            Encoders = modalities.ToImmutableSortedDictionary(m => m, _ => encoder, StringComparer.Ordinal),
            Local = new() { Epochs = 1, BatchSize = 2, LearningRate = 1e-3, CheckpointEvery = 100 },
        };
    }

    private Digest Garbage()
    {
        string file = _folder.Write("garbage", "no model");
        return Import(new WeightFile(file, Digests.OfFile(file)));
    }

    private Digest Model(LearningPlan plan, int width = 32)
    {
        var (image, size) = (plan.Encoders["image"], plan.Tasks[0].Source.ImageSize);
        var encoder = new EncoderSpec(image.Name, Modality.Image.Channels, size, width, image.Depth, image.Heads, image.Patch, image.Tokens);
        using var model = new LocalModel(new LocalModelSpec(
            ImmutableSortedDictionary<string, EncoderSpec>.Empty.Add("image", encoder), [new DecoderSpec("task", ["image"])]));
        model.Initialize(7);
        string path = Path.Combine(_folder.Path, $"model-{width}");
        return Import(new WeightFile(path, model.Save(path)));
    }

    private Digest Import(WeightFile file)
    {
        new WeightStore(Path.Combine(_folder.Path, MarkedData.Mark, "weights"), true).Import(file);
        return file.Digest;
    }

    private void Copy(string from)
    {
        if (Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(Data, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }
}
