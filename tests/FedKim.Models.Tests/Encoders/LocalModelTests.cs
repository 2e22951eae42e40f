using System.Collections.Immutable;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using TorchSharp;

namespace FedKim.Models.Tests.Encoders;

public sealed class LocalModelTests : IDisposable
{
    private static readonly LocalModelSpec Spec = new(
        new Dictionary<string, EncoderSpec>
        {
            ["image"] = new("deit", 3, 16, 8, 1, 2, 8, 0),
            ["signal"] = new("signal-cnn", 12, 0, 8, 1, 0, 0, 2),
            ["lab"] = new("clinical-transformer", 2, 0, 8, 1, 2, 0, 2),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        [new DecoderSpec("opacity", ["image"]), new DecoderSpec("ecg", ["signal"]), new DecoderSpec("mortality", ["lab", "signal"])]);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-local-model-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Its_tensors_bear_the_names_that_the_federation_knows_its_parts_by()
    {
        using var model = new LocalModel(Spec);
        var names = model.State().Select(s => s.Name).ToList();

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(
            ["decoder.ecg", "decoder.mortality", "decoder.opacity", "encoder.image", "encoder.lab", "encoder.signal"],
            names.Select(n => string.Join('.', n.Split('.')[..2])).Distinct());
        Assert.Equal(
            ["bias", "running_mean", "running_var", "weight"],
            names.Where(n => n.StartsWith("encoder.signal.layers.0.norm.", StringComparison.Ordinal)).Select(n => n.Split('.')[^1]));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_gives_others()
    {
        Assert.Equal(Initial(5), Initial(5));
        Assert.NotEqual(Initial(5), Initial(6));

        string Initial(long seed)
        {
            using var model = new LocalModel(Spec);
            model.Initialize(seed);
            return model.Save(Path.Combine(_folder.FullName, "initial.safetensors")).Hex;
        }
    }

    [Fact]
    public void What_is_saved_is_what_is_loaded_running_statistics_included()
    {
        string path = Path.Combine(_folder.FullName, "model.safetensors");
        using var scope = torch.NewDisposeScope();
        using var model = new LocalModel(Spec);
        model.Initialize(1);
        model.train();
        var inputs = new Dictionary<string, ModalityBatch> { ["signal"] = new(torch.randn(3, 12, 50)) };
        model.Predict("ecg", inputs);
        model.eval();
        var digest = model.Save(path);

        using var copy = new LocalModel(Spec);
        using (var file = SafetensorsFile.Open(path))
            copy.Load(file);
        copy.eval();

        Assert.Equal(digest, copy.Save(path));
        Assert.Equal(model.Predict("ecg", inputs).data<float>().ToArray(), copy.Predict("ecg", inputs).data<float>().ToArray());
        Assert.Contains(copy.State(), s => s.Name.EndsWith("running_mean", StringComparison.Ordinal) && s.Tensor.abs().sum().item<float>() > 0);
    }

    // Pictures of one form share a pass, tables of other lengths do not, and signals never: their batch norm would mix the tasks.
    [Fact]
    public void Tasks_together_are_answered_as_each_alone()
    {
        using var scope = torch.NewDisposeScope();
        _ = torch.manual_seed(1);
        var spec = Spec with
        {
            Decoders = [new DecoderSpec("opacity", ["image"]), new DecoderSpec("pneumonia", ["image"]), new DecoderSpec("ecg", ["signal"]), new DecoderSpec("mortality", ["lab", "signal"]), new DecoderSpec("sepsis", ["lab"])],
        };
        using var model = new LocalModel(spec);
        model.Initialize(1);
        model.train();
        using var other = new LocalModel(spec);
        other.Initialize(1);
        other.train();
        (string Task, IReadOnlyDictionary<string, ModalityBatch> Inputs)[] tasks =
        [
            ("opacity", Of(("image", torch.randn(3, 3, 16, 16)))), ("mortality", Of(("lab", torch.randn(2, 5, 2)), ("signal", torch.randn(2, 12, 50)))),
            ("pneumonia", Of(("image", torch.randn(4, 3, 16, 16)))), ("ecg", Of(("signal", torch.randn(3, 12, 50)))), ("sepsis", Of(("lab", torch.randn(2, 7, 2)))),
        ];

        var together = model.Predict(tasks);
        var alone = tasks.Select(t => other.Predict(t.Task, t.Inputs)).ToArray();

        Assert.All(alone.Zip(together), both => Assert.InRange((both.First - both.Second).abs().max().item<float>(), 0, 1e-5f));
        Assert.All(model.State().Zip(other.State()), both => Assert.Equal(both.Second.Tensor.data<float>().ToArray(), both.First.Tensor.data<float>().ToArray()));

        static Dictionary<string, ModalityBatch> Of(params (string Modality, torch.Tensor Values)[] inputs) =>
            inputs.ToDictionary(i => i.Modality, i => new ModalityBatch(i.Values));
    }

    [Fact]
    public void The_moments_of_an_aggregate_are_passed_over_and_any_other_tensor_is_refused()
    {
        string path = Path.Combine(_folder.FullName, "model.safetensors");
        using var model = new LocalModel(Spec);
        model.Initialize(1);
        var digest = model.Save(path);
        using var copy = new LocalModel(Spec);

        using (var file = With("server.m.decoder.ecg.hidden.weight"))
            copy.Load(file);
        Assert.Equal(digest, copy.Save(Path.Combine(_folder.FullName, "copy.safetensors")));

        using var strange = With("server.decoder.ecg.hidden.weight");
        Assert.Equal("server.decoder.ecg.hidden.weight", Assert.Throws<SafetensorsException>(() => copy.Load(strange)).Tensor);

        SafetensorsFile With(string name)
        {
            string more = Path.Combine(_folder.FullName, "more.safetensors");
            using var source = SafetensorsFile.Open(path);
            SafetensorsWriter.Write(more, source.Tensors.Values
                .Select(t => new TensorData(t.Name, t.DType, t.Shape, output => output.Write(source.Bytes(t.Name))))
                .Append(TensorData.Of(name, DType.F32, [1], new byte[4])));
            return SafetensorsFile.Open(more);
        }
    }

    [Fact]
    public void A_model_of_other_sizes_is_refused_by_the_tensor_that_differs()
    {
        string path = Path.Combine(_folder.FullName, "model.safetensors");
        using (var model = new LocalModel(Spec))
            model.Save(path);
        using var other = new LocalModel(Spec with { Encoders = Spec.Encoders.SetItem("lab", Spec.Encoders["lab"] with { Channels = 3 }) });
        using var file = SafetensorsFile.Open(path);
        Assert.Contains("encoder.lab.input.weight", Assert.Throws<SafetensorsException>(() => other.Load(file)).Message);
    }
}
