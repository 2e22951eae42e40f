using TorchSharp.Modules;
using TorchSharp.Utils;
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

    // The names under which a module that is moved to another device finds its fields again.
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;
    [ComponentName(Name = "running_mean")]
    private readonly Tensor _mean;
    [ComponentName(Name = "running_var")]
    private readonly Tensor _variance;

    internal BatchNorm(int channels) : base(nameof(BatchNorm))
    {
        _weight = new Parameter(ones(channels));
        _bias = new Parameter(zeros(channels));
        _mean = zeros(channels);
        _variance = ones(channels);
        register_parameter("weight", _weight);
        register_parameter("bias", _bias);
        register_buffer("running_mean", _mean);
        register_buffer("running_var", _variance);
    }

    public override Tensor forward(Tensor x) =>
        nn.functional.batch_norm(x, _mean, _variance, _weight, _bias, training, Momentum, Epsilon);
}
