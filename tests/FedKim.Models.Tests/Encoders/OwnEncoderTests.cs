using System.Collections.Immutable;
using FedKim.Data;
using FedKim.Models.Encoders;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Tests.Encoders;

/// <summary>A kind of encoder that no part of FedKim knows.</summary>
public sealed class OwnEncoderTests
{
    static OwnEncoderTests() => EncoderRegistry.Known.Add(new Averaging());

    [Fact]
    public void It_is_part_of_a_model_as_any_other()
    {
        using var scope = NewDisposeScope();
        using var model = new LocalModel(new LocalModelSpec(
            ImmutableSortedDictionary<string, EncoderSpec>.Empty.Add("image", new EncoderSpec("averaging", 3, 8, 4, 1, 1, 8, 0)), [new DecoderSpec("opacity", ["image"])]));
        model.Initialize(5);

        var logits = model.Predict("opacity", new Dictionary<string, ModalityBatch> { ["image"] = new(zeros(2, 1, 8, 8)) });

        Assert.Equal([2, 2], logits.shape);
        Assert.Contains("encoder.image.project.weight", model.State().Select(s => s.Name));
    }

    private sealed class Averaging : IEncoderKind
    {
        public string Name => "averaging";

        public Modality Reads => Modality.Image;

        public Encoder Create(EncoderSpec spec, Device? device) => new Average(spec, device);
    }

    private sealed class Average : Encoder
    {
        private readonly Linear _project;

        internal Average(EncoderSpec spec, Device? device) : base(spec)
        {
            _project = nn.Linear(spec.Channels, spec.Width, device: device);
            register_module("project", _project);
        }

        public override Tensor forward(ModalityBatch input) => _project.forward(input.Values.expand(-1, Spec.Channels, -1, -1).mean([2L, 3L])).unsqueeze(1);
    }
}
