using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning.Tests;

/// <summary>A model of the site's own beside the global one (Ditto): it changes nothing of the round, and is the same whatever dies in it.</summary>
public sealed class PersonalTrainingTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly ClientId Site = DemoFederation.Clients[0], WithoutEcg = DemoFederation.Clients[^1];

    private static readonly LearningPlan Plan = DemoFederation.Plan with { Personal = new PersonalPlan { Steps = 6, Lambda = 0.1, LearningRate = 0.1 } };

    [Fact]
    public void The_update_has_the_same_tensors_to_the_bit_and_nothing_of_it_is_told()
    {
        var plain = Train(demo.Request(Site));
        List<LearningProgress> told = [];
        var request = demo.Request(Site, plan: Plan);
        using var training = new LocalTraining(demo.FolderOf(Site));
        var update = training.Train(request, told.Add, CancellationToken.None);

        Assert.Equal(plain.Weights.Digest, update.Weights.Digest);
        Assert.Equal(plain.Losses, update.Losses);
        Assert.All(told, progress => Assert.Equal(told[0].Total, progress.Total));
        Assert.Equal(told[0].Total, told.Count);
        Assert.Single(Own(request));
    }

    [Fact]
    public void It_has_every_tensor_of_the_global_model_and_of_what_the_site_has_no_data_of_that_models_values()
    {
        var request = demo.Request(WithoutEcg, plan: Plan);
        Train(request);

        using var own = SafetensorsFile.Open(Assert.Single(Own(request)));
        using var model = SafetensorsFile.Open(request.GlobalModel);
        Assert.Equal(model.Tensors.Keys, own.Tensors.Keys);
        Assert.All(model.Tensors.Values, tensor => Assert.True(own.Info(tensor.Name).Fits(tensor)));
        Assert.True(Same("encoder.signal.layers.0.conv.weight"));
        Assert.False(Same("decoder.pneumonia.output.weight"));

        bool Same(string name) => own.Bytes(name).SequenceEqual(model.Bytes(name));
    }

    [Fact]
    public void It_goes_on_from_round_to_round_and_is_drawn_to_the_global_model()
    {
        double one = Distance(Plan, rounds: 1);
        double three = Distance(Plan, rounds: 3);
        double drawn = Distance(Plan with { Personal = Plan.Personal! with { Lambda = 5 } }, rounds: 3);

        Assert.True(three > one, $"{three} after three rounds, {one} after one");
        Assert.True(drawn < three / 2, $"{drawn} with λ = 5, {three} with 0.1");
    }

    [Fact]
    public void A_step_is_the_papers()
    {
        // The first step starts at the global model, where nothing draws; with η twice as large it goes twice as far.
        var (one, two) = (Change(0.01), Change(0.02));
        Assert.Equal(one.Length, two.Length);
        Assert.All(one.Zip(two), pair => Assert.Equal(2 * pair.First, pair.Second, 1e-6));
        Assert.Contains(one, value => Math.Abs(value) > 1e-5);

        float[] Change(double rate)
        {
            var request = demo.Request(Site, plan: Plan with { Personal = new PersonalPlan { Steps = 1, Lambda = 3, LearningRate = rate } });
            Train(request);
            using var own = SafetensorsFile.Open(Assert.Single(Own(request)));
            using var model = SafetensorsFile.Open(request.GlobalModel);
            const string name = "decoder.pneumonia.output.weight";
            return [.. own.Values<float>(name).ToArray().Zip(model.Values<float>(name).ToArray(), (v, w) => v - w)];
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Cut_short_between_its_steps_and_resumed_it_ends_with_the_same_bytes(int cutBefore)
    {
        var undisturbed = demo.Request(Site, plan: Plan);
        Train(undisturbed);
        var whole = Train(Next(undisturbed));

        var request = demo.Request(Site, plan: Plan);
        Train(request);
        var second = Next(request);
        using (var cut = new CancellationTokenSource())
        {
            using var training = new LocalTraining(demo.FolderOf(Site))
            {
                Clock = new StandingClock(),
                BeforePersonalStep = step =>
                {
                    if (step == cutBefore)
                        cut.Cancel();
                },
            };
            Assert.Throws<OperationCanceledException>(() => training.Train(second, _ => { }, cut.Token));
        }

        List<long> steps = [];
        using var again = new LocalTraining(demo.FolderOf(Site)) { BeforePersonalStep = steps.Add };
        var resumed = again.Train(second, _ => Assert.Fail("The global model was trained again."), CancellationToken.None);

        Assert.Equal(cutBefore < Plan.Local.CheckpointEvery ? 1 : cutBefore + 1, steps[0]);
        Assert.Equal(whole.Weights.Digest, resumed.Weights.Digest);
        Assert.Equal(Own(undisturbed).Select(file => file.Digest), Own(request).Select(file => file.Digest));
    }

    [Fact]
    public void Asked_again_it_makes_no_step_and_in_a_round_whose_folder_is_gone_it_gives_the_same_bytes()
    {
        var request = demo.Request(Site, plan: Plan);
        Train(request);
        Train(Next(request));
        var kept = Own(request);

        Train(Next(request));
        OwnTensors.Forget(request.OwnFolder, 2);
        Train(Next(request));

        Assert.Equal(2, kept.Length);
        Assert.Equal(kept, Own(request));
    }

    [Fact]
    public void One_that_becomes_no_number_is_told_to_the_site_and_the_round_goes_on()
    {
        var request = demo.Request(Site, plan: Plan with { Personal = Plan.Personal! with { LearningRate = 1e30, Lambda = 1e3 } });
        List<string> warnings = [];
        using var training = new LocalTraining(demo.FolderOf(Site)) { Warn = warnings.Add };

        var update = training.Train(request, _ => { }, CancellationToken.None);

        Assert.Equal(Train(demo.Request(Site)).Weights.Digest, update.Weights.Digest);
        Assert.Contains("the site's own model stays what it was before round test/1", warnings[^1]);
        Assert.Contains("Lower personal.learning-rate", warnings[^1]);
        Assert.Empty(Own(request));
    }

    [Fact]
    public void Beside_tensors_that_stay_it_is_drawn_to_the_model_that_the_site_trains()
    {
        var request = demo.Request(Site, plan: Plan with { LocalTensors = ["*.norm"], Personal = Plan.Personal! with { LearningRate = 0 } });
        Train(request);
        string local = Assert.Single(Directory.GetFiles(request.OwnFolder, "local-*"));
        Train(Next(request with { OwnFolder = CopyOf(local) }));

        string second = Directory.GetFiles(_last, "personal-2-*").Single();
        using var own = SafetensorsFile.Open(second);
        using var kept = SafetensorsFile.Open(local);
        Assert.All(kept.Tensors.Keys, name => Assert.True(own.Bytes(name).SequenceEqual(kept.Bytes(name)) || IsCounted(name), name));
    }

    private string _last = "";

    // Statistics are counted with every batch, whatever the rate.
    private static bool IsCounted(string name) => name.Contains("running_", StringComparison.Ordinal);

    private string CopyOf(string file)
    {
        _last = demo.Folder();
        File.Copy(file, Path.Combine(_last, Path.GetFileName(file)));
        return _last;
    }

    // How far the site's own model is from the global one, which stays the same here from round to round.
    private double Distance(LearningPlan plan, int rounds)
    {
        var request = demo.Request(Site, plan: plan);
        for (int round = 1; round <= rounds; round++)
            Train(Next(request, round));
        using var own = SafetensorsFile.Open(Own(request)[^1]);
        using var model = SafetensorsFile.Open(request.GlobalModel);
        return Math.Sqrt(own.Tensors.Keys.Where(name => !IsCounted(name))
            .Sum(name => own.Values<float>(name).ToArray().Zip(model.Values<float>(name).ToArray(), (v, w) => Math.Pow(v - w, 2)).Sum()));
    }

    private static WeightFile[] Own(TrainingRequest request) =>
    [
        .. Directory.GetFiles(request.OwnFolder, "personal-*.safetensors").Order(StringComparer.Ordinal).Select(path => new WeightFile(path, Digests.OfFile(path))),
    ];

    private TrainingRequest Next(TrainingRequest request, int round = 2) => request with { Round = request.Round with { Number = round }, WorkFolder = demo.Folder() };

    private LocalUpdate Train(TrainingRequest request)
    {
        using var training = new LocalTraining(demo.FolderOf(request.Client));
        return training.Train(request, _ => { }, CancellationToken.None);
    }
}
