using System.Runtime.InteropServices;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Tests;

/// <summary>An update that no sum may have in it is refused by site and tensor.</summary>
public sealed class RefusedUpdateTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Theory]
    [InlineData(float.NaN, 1, "mark")]
    [InlineData(0f, 2, "[2], expected [1]")]
    public async Task An_update_that_is_no_number_or_of_another_shape_is_refused_by_site_and_tensor(float value, int length, string told)
    {
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Spoiled(value, length));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Completed", end.Phase);
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        var dropped = Assert.Single(round.Dropped);
        Assert.Equal("hospital-b", dropped.Client);
        Assert.Contains("encoder.rehearsal.mark", dropped.Reason);
        Assert.Contains(told, dropped.Reason);
    }

    [Fact]
    public async Task An_update_beyond_the_agreed_norm_is_refused_by_site_and_never_counts()
    {
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Spoiled(1000f, 1));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites) with { MaxNorm = 10 });
        var end = await federation.AwaitEnd();

        Assert.Equal("Completed", end.Phase);
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        Assert.Equal(["hospital-a", "hospital-c"], round.Accepted.Select(a => a.Client));
        var dropped = Assert.Single(round.Dropped);
        Assert.Equal("hospital-b", dropped.Client);
        Assert.Contains("of hospital-b refused", dropped.Reason);
        Assert.Contains("the federation allows 10 (update-checks.max-norm)", dropped.Reason);
        Assert.Contains("encoder.rehearsal.mark", dropped.Reason);
    }

    [Fact]
    public async Task Updates_that_have_no_sum_fail_the_round_with_what_to_do()
    {
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Spoiled(1e25f, 1));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites) with { Strategy = "fedadam", ServerOptimizer = Aggregation.Recommended("fedadam") });
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("the updates cannot be summed", end.Cause);
        Assert.Contains("update-checks.max-norm", end.Cause);
    }

    /// <summary>Trains as it should and then puts other values in place of the model's mark.</summary>
    private sealed class Spoiled(float value, int length) : ILocalTraining
    {
        private readonly RehearsalTraining _training = new();

        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
        {
            var update = _training.Train(request, progress, cancel);
            using var source = SafetensorsFile.Open(update.Weights.Path);
            byte[] mark = MemoryMarshal.AsBytes(Enumerable.Repeat(value, length).ToArray().AsSpan()).ToArray();
            string path = Path.Combine(request.WorkFolder, "spoiled.safetensors");
            var digest = SafetensorsWriter.Write(path, source.Tensors.Values.Select(t => t.Name.EndsWith(".mark", StringComparison.Ordinal)
                ? TensorData.Of(t.Name, t.DType, [length], mark)
                : new TensorData(t.Name, t.DType, t.Shape, output => output.Write(source.Bytes(t.Name)))));
            return update with { Weights = new WeightFile(path, digest) };
        }

        public void Dispose() => _training.Dispose();
    }
}
