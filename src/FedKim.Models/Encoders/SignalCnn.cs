using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>
/// A 1-D convolutional network over the leads of a signal: each layer halves the time axis (convolution of 7, stride 2, batch norm, ReLU);
/// what is left is averaged into the feature tokens, so that any duration fits.
/// </summary>
public sealed class SignalCnn : Encoder
{
    private readonly int _tokens;
    private readonly ModuleList<Layer> _layers = [];

    /// <param name="spec">Sizes.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other.</exception>
    public SignalCnn(EncoderSpec spec, Device? device = null) : base(spec)
    {
        if (spec.Tokens <= 0)
            throw new ArgumentException($"Encoder '{spec.Name}': tokens must be above zero.");
        _tokens = spec.Tokens;
        for (int layer = 0; layer < spec.Depth; layer++)
            _layers.Add(new Layer(layer == 0 ? spec.Channels : spec.Width, spec.Width, device));
        register_module("layers", _layers);
    }

    /// <returns>Tokens in the order of time.</returns>
    public override Tensor forward(ModalityBatch input)
    {
        using var scope = NewDisposeScope();
        var x = input.Values;
        foreach (var layer in _layers)
            x = layer.forward(x);
        return nn.functional.adaptive_avg_pool1d(x, _tokens).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
    }

    private sealed class Layer : nn.Module<Tensor, Tensor>
    {
        private const int Kernel = 7, Stride = 2, Padding = Kernel / 2, Block = 8;

        private readonly Conv1d _convolution;
        private readonly BatchNorm _norm;

        internal Layer(int input, int output, Device? device) : base(nameof(Layer))
        {
            // The norm has the offset, so the convolution needs no bias.
            _convolution = nn.Conv1d(input, output, Kernel, stride: Stride, padding: Padding, bias: false, device: device);
            _norm = new BatchNorm(output, device);
            register_module("conv", _convolution);
            register_module("norm", _norm);
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var convolved = nn.functional.conv1d(Whole(x), Whole(_convolution.weight!), stride: Stride, padding: Padding);
            return nn.functional.relu(_norm.forward(convolved)).MoveToOuterDisposeScope();
        }

        // oneDNN computes channels in blocks. Held to AVX2 on a processor that has more (TorchBits.SameEverywhere), it takes whatever lies in memory
        // for the rest of a block; so there is none: silent channels change no sum.
        private static Tensor Whole(Tensor channels) =>
            channels.shape[1] % Block == 0 ? channels : nn.functional.pad(channels, [0, 0, 0, Block - (channels.shape[1] % Block)]);
    }
}
