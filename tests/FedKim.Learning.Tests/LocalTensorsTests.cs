using System.Collections.Immutable;
using System.Globalization;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning.Tests;

/// <summary>Tensors that stay at each site (FedBN): in no update, kept from round to round, and decided by nothing but the rounds before.</summary>
public sealed class LocalTensorsTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly ClientId A = DemoFederation.Clients[0], B = DemoFederation.Clients[1];

    // Every norm: of the image's blocks, of the signal's layers with their statistics, of the decoders.
    private static readonly LearningPlan Plan = DemoFederation.Plan with { LocalTensors = ["*.norm", "*.norm1", "*.norm2"] };

    [Fact]
    public void A_sites_update_has_none_of_them_and_the_server_takes_it_and_keeps_its_own_values()
    {
        var request = demo.Request(A, plan: Plan);
        var update = Train(request);

        using var sent = SafetensorsFile.Open(update.Weights);
        using var own = SafetensorsFile.Open(Assert.Single(Own(request)));
        using var model = SafetensorsFile.Open(request.GlobalModel);
        string[] norms = [.. model.Tensors.Keys.Where(IsNorm)];
        Assert.Contains(norms, name => name.EndsWith("running_mean", StringComparison.Ordinal));
        Assert.Equal(norms, own.Tensors.Keys);
        Assert.Equal(model.Tensors.Keys.Except(norms), sent.Tensors.Keys);
        Assert.Null(UpdateCheck.Refusal(request.GlobalModel, () => SafetensorsReader.Open(update.Weights), update.Samples, Plan.Parts()));

        string path = Path.Combine(request.WorkFolder, "aggregate.safetensors");
        Aggregation.Run(DemoFederation.Federation(Plan), [new ClientUpdate(A, update.Weights, update.Samples)], request.GlobalModel, path);
        using var aggregate = SafetensorsFile.Open(path);
        foreach (string name in model.Tensors.Keys)
            Assert.True(aggregate.Bytes(name).SequenceEqual(IsNorm(name) ? model.Bytes(name) : sent.Bytes(name)), name);
    }

    [Fact]
    public void An_update_that_has_one_is_refused_by_its_name()
    {
        var request = demo.Request(A);
        var update = Train(request);

        Assert.Contains(
            "is not expected: it stays at the sites (local-tensors has *.norm",
            UpdateCheck.Refusal(request.GlobalModel, () => SafetensorsReader.Open(update.Weights), update.Samples, Plan.Parts()));
    }

    [Fact]
    public void Two_sites_keep_different_values_and_train_on_from_them_in_the_next_round()
    {
        TrainingRequest first = demo.Request(A, plan: Plan), other = demo.Request(B, plan: Plan);
        Train(first);
        Train(other);
        Assert.NotEqual(Assert.Single(Own(first)).Digest, Assert.Single(Own(other)).Digest);

        var second = Train(Next(first));
        var without = Train(Next(first) with { OwnFolder = demo.Folder() });

        Assert.NotEqual(without.Weights.Digest, second.Weights.Digest);
        Assert.Equal([1, 2], Own(first).Select(RoundOf));
    }

    [Theory]
    [InlineData("fedavg", 4)]
    [InlineData("fedprox", 1)]
    public void A_second_round_that_is_cut_short_in_another_process_ends_with_the_same_bytes_sent_and_kept(string strategy, int cutAfter)
    {
        var undisturbed = demo.Request(A, strategy, Plan);
        Train(undisturbed);
        var whole = Train(Next(undisturbed));

        var request = demo.Request(A, strategy, Plan);
        Train(request);
        var second = Next(request);
        Cut(second, cutAfter);
        var resumed = Train(second);

        Assert.Equal(whole.Weights.Digest, resumed.Weights.Digest);
        Assert.Equal(Own(undisturbed).Select(file => file.Digest), Own(request).Select(file => file.Digest));
    }

    [Fact]
    public void A_round_that_is_trained_again_begins_with_what_it_began_with()
    {
        var request = demo.Request(A, plan: Plan);
        Train(request);
        var first = Train(Next(request));
        var kept = Own(request);

        // Its round's folder is gone, and with it the finished update.
        var again = Train(Next(request));
        // A process died between the mark of the finished update and this.
        var third = Next(request);
        Train(third);
        OwnTensors.Forget(request.OwnFolder, 2);
        var found = Train(third);

        Assert.Equal(first.Weights.Digest, again.Weights.Digest);
        Assert.Equal(first.Weights.Digest, found.Weights.Digest);
        Assert.Equal(kept, Own(request));
    }

    [Fact]
    public void What_a_round_left_that_does_not_count_is_not_gone_on_from()
    {
        TrainingRequest counted = demo.Request(A, plan: Plan), skipped = demo.Request(A, plan: Plan);
        Train(counted);
        var expected = Train(Next(counted, 3));

        Train(skipped);
        Train(Next(skipped));
        OwnTensors.Forget(skipped.OwnFolder, 2);
        var third = Train(Next(skipped, 3));

        Assert.Equal(expected.Weights.Digest, third.Weights.Digest);
    }

    [Fact]
    public void A_round_of_an_earlier_number_is_of_another_past_and_later_ones_go()
    {
        var request = demo.Request(A, plan: Plan);
        for (int round = 1; round <= 4; round++)
            Train(Next(request, round));
        Assert.Equal([3, 4], Own(request).Select(RoundOf));

        Train(Next(request, 2));

        Assert.Equal([2], Own(request).Select(RoundOf));
    }

    [Fact]
    public void What_the_disk_damaged_or_lost_is_told_and_the_site_begins_with_what_it_is_sent()
    {
        TrainingRequest damaged = demo.Request(A, plan: Plan), lost = demo.Request(A, plan: Plan), never = demo.Request(A, plan: Plan);
        Train(damaged);
        Train(lost);
        string path = Assert.Single(Own(damaged)).Path;
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Directory.Delete(lost.OwnFolder, recursive: true);

        List<string> warnings = [];
        using var training = new LocalTraining(demo.FolderOf(A)) { Warn = warnings.Add };
        var afterDamage = training.Train(Next(damaged), _ => { }, CancellationToken.None);

        Assert.Contains("What this site keeps to itself was damaged", Assert.Single(warnings));
        var expected = Train(Next(never)).Weights.Digest;
        Assert.Equal(expected, afterDamage.Weights.Digest);
        Assert.Equal(expected, Train(Next(lost)).Weights.Digest);
    }

    [Fact]
    public void Another_federation_of_the_same_name_begins_anew()
    {
        var request = demo.Request(A, plan: Plan);
        Train(request with { Seed = 8 });

        Assert.Equal(Train(Next(demo.Request(A, plan: Plan))).Weights.Digest, Train(Next(request)).Weights.Digest);
    }

    [Fact]
    public void A_decoder_stays_where_it_is_named()
    {
        var request = demo.Request(A, plan: DemoFederation.Plan with { LocalTensors = ["decoder"] });
        var update = Train(request);

        using var sent = SafetensorsFile.Open(update.Weights);
        Assert.NotEmpty(sent.Tensors);
        Assert.All(sent.Tensors.Keys, name => Assert.StartsWith("encoder.", name));
    }

    [Fact]
    public void Without_them_a_plan_is_written_and_an_update_named_as_before()
    {
        Assert.DoesNotContain("localTensors", DemoFederation.Plan.ToJson(), StringComparison.Ordinal);
        Assert.DoesNotContain("personal", DemoFederation.Plan.ToJson(), StringComparison.Ordinal);
        Assert.All(DemoFederation.Plan.Parts().Values, tasks => Assert.NotEmpty(tasks));

        var request = demo.Request(A);
        Train(request);

        Assert.Empty(Directory.GetFiles(request.OwnFolder));
        Assert.False(File.Exists(Path.Combine(request.WorkFolder, "local.safetensors")));
    }

    private static bool IsNorm(string name) => name.Split('.').Any(piece => piece is "norm" or "norm1" or "norm2");

    private static int RoundOf(WeightFile file) => int.Parse(Path.GetFileName(file.Path).Split('-')[1], CultureInfo.InvariantCulture);

    private static ImmutableArray<WeightFile> Own(TrainingRequest request) =>
    [
        .. Directory.GetFiles(request.OwnFolder, "local-*.safetensors").Order(StringComparer.Ordinal).Select(path => new WeightFile(path, Digests.OfFile(path))),
    ];

    private TrainingRequest Next(TrainingRequest request, int round = 2) => request with { Round = request.Round with { Number = round }, WorkFolder = demo.Folder() };

    private void Cut(TrainingRequest request, int after)
    {
        using var cut = new CancellationTokenSource();
        using var training = new LocalTraining(demo.FolderOf(request.Client)) { Clock = new StandingClock() };
        Assert.Throws<OperationCanceledException>(() => training.Train(request, progress =>
        {
            if (progress.Done == after)
                cut.Cancel();
        }, cut.Token));
    }

    private LocalUpdate Train(TrainingRequest request)
    {
        using var training = new LocalTraining(demo.FolderOf(request.Client));
        return training.Train(request, _ => { }, CancellationToken.None);
    }
}
