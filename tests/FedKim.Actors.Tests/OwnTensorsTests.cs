using System.Collections.Concurrent;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;

namespace FedKim.Actors.Tests;

/// <summary>What a site keeps to itself lies beside its rounds, outlives them, and goes where the server does not count what it was trained with.</summary>
public sealed class OwnTensorsTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task It_outlives_the_rounds_of_whose_updates_count_and_goes_with_one_that_is_refused()
    {
        var kept = new ConcurrentDictionary<string, string>();
        await using var federation = await TestFederation.Start([], f =>
        {
            foreach (string site in Sites)
                f.Training[site] = new Keeping(kept, spoils: site == "hospital-b");
        });
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites));
        var end = await federation.AwaitEnd();
        await federation.Until(() => !File.Exists(kept["hospital-b"]));

        Assert.Equal("Completed", end.Phase);
        Assert.True(File.Exists(kept["hospital-a"]));
        Assert.EndsWith(Path.Combine("rounds.own", end.Federation), Path.GetDirectoryName(kept["hospital-a"]), StringComparison.Ordinal);
    }

    /// <summary>Keeps a file as a training with tensors of its own does; one that spoils sends what no sum may have in it.</summary>
    private sealed class Keeping(ConcurrentDictionary<string, string> kept, bool spoils) : ILocalTraining
    {
        private readonly RehearsalTraining _training = new();

        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
        {
            var update = _training.Train(request, progress, cancel);
            Directory.CreateDirectory(request.OwnFolder);
            string path = Path.Combine(request.OwnFolder, $"{OwnTensors.Local}-{request.Round.Number}-{update.Weights.Digest.Hex}.safetensors");
            File.WriteAllText(path, "kept");
            kept[request.Client.Value] = path;
            return spoils ? update with { Weights = Spoiled(request.WorkFolder, update.Weights) } : update;
        }

        public void Dispose() => _training.Dispose();

        private static WeightFile Spoiled(string folder, WeightFile update)
        {
            using var source = SafetensorsFile.Open(update.Path);
            string path = Path.Combine(folder, "spoiled.safetensors");
            return new WeightFile(path, SafetensorsWriter.Write(path, source.Tensors.Values.Select(t => t.Name.EndsWith(".mark", StringComparison.Ordinal)
                ? TensorData.Of(t.Name, t.DType, [1], BitConverter.GetBytes(float.NaN))
                : new TensorData(t.Name, t.DType, t.Shape, output => output.Write(source.Bytes(t.Name))))));
        }
    }
}
