using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>A task's own head: the mean feature token of each of its modalities, side by side, through one hidden layer to two logits.</summary>
internal sealed class TaskDecoder : nn.Module<Tensor, Tensor>
{
    private const int Answers = 2;

    private readonly LayerNorm _norm;
    private readonly Linear _hidden;
    private readonly Linear _output;

    /// <param name="features">Widths of the task's modalities, summed.</param>
    /// <param name="hidden">Width of the hidden layer.</param>
    /// <param name="device">Where it lives; null for the processor.</param>
    internal TaskDecoder(int features, int hidden, Device? device) : base(nameof(TaskDecoder))
    {
        _norm = nn.LayerNorm(features, device: device);
        _hidden = nn.Linear(features, hidden, device: device);
        _output = nn.Linear(hidden, Answers, device: device);
        register_module("norm", _norm);
        register_module("hidden", _hidden);
        register_module("output", _output);
    }

    /// <param name="pooled">[batch, features].</param>
    /// <returns>Logits of the negative and the positive answer, [batch, 2].</returns>
    public override Tensor forward(Tensor pooled) => _output.forward(nn.functional.gelu(_hidden.forward(_norm.forward(pooled))));
}
