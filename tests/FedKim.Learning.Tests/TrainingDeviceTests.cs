using System.Runtime.InteropServices;
using FedKim.Models;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Learning.Tests;

public sealed class TrainingDeviceTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly LearningPlan Owning = DemoFederation.Plan with
    {
        LocalTensors = ["*.norm"],
        Personal = new PersonalPlan { Steps = 3, Lambda = 0.1, LearningRate = 0.01 },
    };

    [Fact]
    public void A_site_is_told_of_a_device_that_is_not_there()
    {
        int found = cuda.is_available() ? cuda.device_count() : 0;
        using var training = new LocalTraining(demo.FolderOf(DemoFederation.Clients[0])) { Device = new TorchDevice($"cuda:{found}") };

        Assert.Contains($"\"cuda:{found}\"", Assert.Throws<TorchRuntimeException>(() => training.Train(demo.Request(DemoFederation.Clients[0]), _ => { }, CancellationToken.None)).Message);
    }

    // Rounding alone is between them: of Adam, which divides by what a gradient usually is, it makes more than of a gradient.
    [Theory]
    [InlineData("cpu", 0)]
    [InlineData("cuda:0", 0.02)]
    public void A_site_learns_on_its_device_what_it_learns_on_the_processor_its_own_tensors_too(string device, double bound)
    {
        if (new TorchDevice(device).Problem() is { } problem)
            Assert.Skip($"The device {problem} tools/gpu-check compares updates on a machine that has it.");
        var (here, there) = (Train(TorchDevice.Cpu), Train(device));

        Assert.Equal(here.Keys, there.Keys);
        Assert.All(here, file => Assert.InRange(Apart(file.Value, there[file.Key]), 0, bound));
    }

    private SortedDictionary<string, WeightFile> Train(string device)
    {
        var request = demo.Request(DemoFederation.Clients[0], plan: Owning);
        using var training = new LocalTraining(demo.FolderOf(DemoFederation.Clients[0])) { Device = new TorchDevice(device) };
        var update = training.Train(request, _ => { }, CancellationToken.None).Weights;
        SortedDictionary<string, WeightFile> files = new(StringComparer.Ordinal) { ["update"] = update };
        foreach (string own in Directory.GetFiles(request.OwnFolder))
            files.Add(Path.GetFileName(own).Split('-')[0], new WeightFile(own, Digests.OfFile(own)));
        Assert.Equal(["local", "personal", "update"], files.Keys);
        return files;
    }

    private static double Apart(WeightFile right, WeightFile other)
    {
        using var scope = NewDisposeScope();
        using var a = SafetensorsFile.Open(right);
        using var b = SafetensorsFile.Open(other);
        double apart = 0, all = 0;
        foreach (var (name, info) in a.Tensors)
        {
            float[] x = new float[info.Shape.Aggregate(1L, (p, n) => p * n)], y = new float[x.Length];
            a.Read(info, 0, MemoryMarshal.AsBytes(x.AsSpan()));
            b.Read(b.Info(name), 0, MemoryMarshal.AsBytes(y.AsSpan()));
            apart += x.Zip(y, (p, q) => Math.Pow(p - q, 2)).Sum();
            all += x.Sum(p => (double)p * p);
        }

        return Math.Sqrt(apart / all);
    }
}
