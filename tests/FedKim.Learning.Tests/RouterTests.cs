using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data;
using FedKim.Rounds;
using SkiaSharp;

namespace FedKim.Learning.Tests;

/// <summary>
/// Two tasks over the same pictures with the same question and opposite answers: nothing but their descriptions, which differ in one word,
/// tells them apart, and nothing but the router reads those.
/// </summary>
public sealed class RouterTests : IDisposable
{
    private const string Light = "light", Dark = "dark";
    private const int Edge = 16, Each = 48;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fedkim-router-");

    public RouterTests()
    {
        foreach (string split in (string[])["public", "test"])
            Draw(Path.Combine(_root.FullName, split, "pictures"), SeededGenerator.Derive(3, split));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Tasks_that_only_their_descriptions_tell_apart_are_both_learned(long seed)
    {
        var measured = Learn(seed, "fedkim");

        Assert.All(measured, task => Assert.InRange(task.Accuracy!.Value, 0.95, 1));
        // With the other's weights each answers the other's question; and a router that began alike for both has parted them.
        Assert.All(measured, task => Assert.InRange(task.Routing!.AurocOther!.Value, 0, 0.1));
        Assert.InRange(TaskRouting.Distance(measured[0].Routing!.Alpha, measured[1].Routing!.Alpha), 0.25, 1);
        Assert.Equal([Dark, Light], measured.Select(task => task.Routing!.Other).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_plain_adapter_of_as_many_ranks_learns_one_at_the_other_s_cost()
    {
        var measured = Learn(1, "fedplug-l", rank: 96);

        Assert.InRange(measured.Sum(task => task.Accuracy!.Value), 0.98, 1.02);
        Assert.All(measured, task => Assert.Null(task.Routing));
    }

    public void Dispose() => _root.Delete(recursive: true);

    private ImmutableArray<TaskEvaluation> Learn(long seed, string method, int rank = 8)
    {
        string plan = Plan(method, rank).ToJson();
        using var injection = new Injection(_root.FullName, DemoInjection.Repository());
        var start = injection.Initialize(new FederationId("test"), seed, plan, Folder());
        var round = new RoundId(new FederationId("test"), 1);
        var end = injection.Inject(new InjectionRequest(round, seed, plan, start.GlobalModel, start.Adapter, Folder()), _ => { }, CancellationToken.None);
        return [.. injection.Evaluate(new EvaluationRequest(plan, seed, end.GlobalModel, start.GlobalModel, end.Adapter), _ => { }, CancellationToken.None)
            .Where(task => task.Method == method)];
    }

    private static LearningPlan Plan(string method, int rank) => new()
    {
        Tasks = [Task(Dark), Task(Light)],
        Encoders = ImmutableSortedDictionary<string, EncoderPlan>.Empty.Add("image", new EncoderPlan { Name = "deit", Width = 32, Depth = 1, Patch = 8 }),
        Injection = new InjectionPlan
        {
            Method = method,
            Rank = rank,
            RouterNormalised = true,
            Steps = 120,
            BatchSize = 16,
            LearningRate = 2e-3,
            EncoderRate = 0.1,
            WarmUp = 10,
            BalanceLabels = true,
            Threads = 1,
        },
    };

    private static TaskPlan Task(string side) => new()
    {
        Name = side,
        Kind = TaskPlan.TrainingKind,
        Modalities = ["image"],
        Source = new TaskSource { Reader = "image-folder", Path = "pictures", Csv = "labels.csv", Images = "images", Label = side, ImageSize = Edge },
        Prompt = "Look at this image. Is the answer yes?",
        TaskDescription = $"Say whether the left is {side}.",
        ModalityDescription = "Image only.",
    };

    private string Folder() => Directory.CreateDirectory(Path.Combine(_root.FullName, Path.GetRandomFileName())).FullName;

    private static void Draw(string folder, SeededGenerator chance)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        List<string> rows = [$"file,patient,{Light},{Dark}"];
        for (int i = 0; i < 2 * Each; i++)
        {
            int light = i % 2;
            using var picture = new SKBitmap(Edge, Edge);
            for (int pixel = 0; pixel < Edge * Edge; pixel++)
            {
                bool left = pixel % Edge < Edge / 2;
                byte grey = (byte)((left == (light == 1) ? 180 : 60) + chance.NextInt(40));
                picture.SetPixel(pixel % Edge, pixel / Edge, new SKColor(grey, grey, grey));
            }
            using var encoded = picture.Encode(SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(Path.Combine(folder, "images", $"{i}.png"), encoded.ToArray());
            rows.Add(string.Create(CultureInfo.InvariantCulture, $"{i}.png,p{i},{light},{1 - light}"));
        }
        File.WriteAllLines(Path.Combine(folder, "labels.csv"), rows);
    }
}
