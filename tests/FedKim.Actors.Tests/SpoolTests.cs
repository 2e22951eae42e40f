using System.Runtime.InteropServices;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What sites send is on no disk but their own in plain bytes, and its spool goes with its round.</summary>
public sealed class SpoolTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task No_plain_byte_of_an_update_is_in_the_servers_folder_during_a_round_or_after_it()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f =>
        {
            foreach (string site in Sites)
                f.Training[site] = new Private(site == "hospital-c" ? gate : null);
        });
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.Accepted(round: 1, count: 2);

        Assert.Single(Directory.EnumerateDirectories(Path.Combine(federation.ServerFolder, "spool")));
        byte[][] secrets = [.. Sites.Take(2).Select(s => Private.Secret(new ClientId(s)))];
        Assert.All(secrets, secret => Assert.True(Holds(federation.FolderOf("hospital-a"), secret) || Holds(federation.FolderOf("hospital-b"), secret)));
        Assert.All(secrets, secret => Assert.False(Holds(federation.ServerFolder, secret)));
        gate.Open();
        await federation.AwaitEnd();
        await federation.Until(() => !Directory.EnumerateFileSystemEntries(Path.Combine(federation.ServerFolder, "spool")).Any());

        Assert.All(secrets, secret => Assert.False(Holds(federation.ServerFolder, secret)));
    }

    [Fact]
    public async Task The_spool_of_a_round_that_ended_while_no_server_ran_goes_when_one_does()
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.AwaitEnd();
        await federation.Crash("server");
        string left = Directory.CreateDirectory(Path.Combine(federation.ServerFolder, "spool", "rehearsal-1")).FullName;
        File.WriteAllBytes(Path.Combine(left, "key"), [.. Enumerable.Repeat((byte)7, 32)]);

        await federation.StartServer();

        await federation.Until(() => !Directory.Exists(left));
    }

    private static bool Holds(string folder, byte[] bytes) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(path =>
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] all = new byte[file.Length];
            return all.AsSpan(0, file.ReadAtLeast(all, all.Length, throwOnEndOfStream: false)).IndexOf(bytes) >= 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    });

    /// <summary>Trains as it should and then puts values that no other file has in place of the model's first tensor.</summary>
    private sealed class Private(Gate? gate) : ILocalTraining
    {
        private readonly RehearsalTraining _training = new();

        /// <summary>Bytes that stand in this site's update alone.</summary>
        public static byte[] Secret(ClientId client) => Values(client, 16);

        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
        {
            gate?.Pass(cancel);
            var update = _training.Train(request, progress, cancel);
            using var source = SafetensorsFile.Open(update.Weights.Path);
            string first = source.Tensors.Keys.First(), path = Path.Combine(request.WorkFolder, "private.safetensors");
            var digest = SafetensorsWriter.Write(path, source.Tensors.Values.Select(t => t.Name == first
                ? TensorData.Of(t.Name, t.DType, t.Shape, Values(request.Client, (int)t.Count))
                : new TensorData(t.Name, t.DType, t.Shape, output => output.Write(source.Bytes(t.Name)))));
            return update with { Weights = new WeightFile(path, digest) };
        }

        public void Dispose() => _training.Dispose();

        private static byte[] Values(ClientId client, int count)
        {
            var random = SeededGenerator.Derive(1, "private", client.Value);
            return MemoryMarshal.AsBytes(Enumerable.Range(0, count).Select(_ => (float)random.NextDouble()).ToArray().AsSpan()).ToArray();
        }
    }
}
