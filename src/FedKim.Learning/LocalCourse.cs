using System.Collections.Immutable;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>A site's steps in one round of the global model: Adam on the site's loss, near the round's start where the strategy says so.</summary>
internal sealed class LocalCourse : ICourse, IDisposable
{
    private readonly LocalPlan _plan;
    private readonly SiteLoss _loss;
    private readonly ImmutableArray<(string Name, Tensor Tensor)> _buffers;
    private readonly FlatAdam _adam;
    private readonly Tensor? _start;

    /// <param name="model">The model, as the round begins with it.</param>
    /// <param name="plan">How it is trained.</param>
    /// <param name="tasks">The tasks that the site has data of.</param>
    /// <param name="request">The round.</param>
    internal LocalCourse(LocalModel model, LocalPlan plan, ImmutableArray<SiteTask> tasks, TrainingRequest request)
    {
        (_plan, _loss) = (plan, new SiteLoss(model, plan, tasks, request, stream: "", "local.learning-rate"));
        _buffers = _loss.Counted();
        _adam = new FlatAdam(_loss.Learned(), decay: 0);
        _start = Aggregation.Strategies.Get(request.Strategy).Proximal ? _adam.Values.clone().DetachFromDisposeScope() : null;
    }

    /// <inheritdoc/>
    public long Total => (long)_plan.Epochs * _loss.StepsAnEpoch;

    /// <inheritdoc/>
    public long Done => _adam.Steps;

    /// <inheritdoc cref="SiteLoss.Trains"/>
    internal bool Trains(string name) => _loss.Trains(name);

    /// <inheritdoc cref="SiteLoss.Means"/>
    internal IReadOnlyDictionary<string, double> Losses() => _loss.Means();

    /// <inheritdoc/>
    public double Step()
    {
        using var scope = NewDisposeScope();
        var mean = _loss.Of(Done);
        mean.backward();
        using var noGradient = no_grad();
        if (_start is not null)
            _adam.Gradient.add_(_adam.Values - _start, alpha: _plan.Proximal);
        GradientClip.Apply([_adam.Gradient], _plan.Clip);
        _adam.Step(_plan.LearningRate);
        return mean.item<float>();
    }

    /// <inheritdoc/>
    public IEnumerable<TensorData> State()
    {
        RequireFinite();
        return [.. _adam.State("adam"), .. _buffers.Select(b => TensorFiles.Of(b.Name, b.Tensor)), _loss.Sums];
    }

    /// <inheritdoc/>
    public void RequireFinite()
    {
        if (!_adam.IsFinite)
            throw _loss.Poisoned(Done);
    }

    /// <inheritdoc/>
    public void Restore(SafetensorsFile checkpoint)
    {
        _adam.Restore(checkpoint, "adam", StepCheckpoint.Steps(checkpoint));
        foreach (var (name, tensor) in _buffers)
            TensorFiles.Fill(tensor, checkpoint, name);
        _loss.Restore(checkpoint);
    }

    public void Dispose()
    {
        _adam.Dispose();
        _start?.Dispose();
    }
}
