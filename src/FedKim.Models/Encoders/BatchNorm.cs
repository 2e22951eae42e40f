using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>
/// Batch normalisation over [batch, channels, time]. Unlike torch's it counts no batches: its momentum is fixed, and every tensor of it is
/// a floating one that can be averaged between sites.
/// </summary>
internal sealed class BatchNorm : nn.Module<Tensor, Tensor>
{
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly Tensor _mean;
    private readonly Tensor _variance;

    internal BatchNorm(int channels, Device? device) : base(nameof(BatchNorm))
    {
        _weight = new Parameter(ones(channels, device: device));
        _bias = new Parameter(zeros(channels, device: device));
        _mean = zeros(channels, device: device);
        _variance = ones(channels, device: device);
        register_parameter("weight", _weight);
        register_parameter("bias", _bias);
        register_buffer("running_mean", _mean);
        register_buffer("running_var", _variance);
    }

    public override Tensor forward(Tensor x) =>
        nn.functional.batch_norm(x, _mean, _variance, _weight, _bias, training, Momentum, Epsilon);
}
