using System.Collections.Immutable;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>
/// A site's steps in one round of its own model (Ditto, Li et al. 2021, arXiv 2012.04221, algorithm 1): v ← v − η (∇F(v) + λ (v − w)), with w
/// the global model that the round began with and ∇F bounded as in the global training.
/// </summary>
internal sealed class PersonalCourse : ICourse, IDisposable
{
    private const string Values = "personal.values";

    private readonly LocalPlan _local;
    private readonly PersonalPlan _plan;
    private readonly SiteLoss _loss;
    private readonly ImmutableArray<(string Name, Tensor Tensor)> _buffers;
    private readonly FlatParameters _own;
    private readonly Tensor _global;

    /// <param name="model">w as the round begins with it; from here on it is v.</param>
    /// <param name="local">Batches, augmentation and bound.</param>
    /// <param name="plan">Steps, λ and η.</param>
    /// <param name="tasks">The tasks that the site has data of.</param>
    /// <param name="request">The round.</param>
    /// <param name="last">v as an earlier round left it; null where w is v's start. Of what the site has no data of v is w.</param>
    internal PersonalCourse(LocalModel model, LocalPlan local, PersonalPlan plan, ImmutableArray<SiteTask> tasks, TrainingRequest request, WeightFile? last)
    {
        (_local, _plan, _loss) = (local, plan, new SiteLoss(model, local, tasks, request, "personal ", "personal.learning-rate"));
        _buffers = _loss.Counted();
        _own = new FlatParameters(_loss.Learned());
        _global = _own.Values.clone().DetachFromDisposeScope();
        if (last is null)
            return;
        using var file = SafetensorsFile.Open(last);
        foreach (var (name, tensor) in model.State().Where(s => Trains(s.Name)))
            TensorFiles.Fill(tensor, file, name);
    }

    /// <inheritdoc/>
    public long Total => _plan.Steps;

    /// <inheritdoc/>
    public long Done { get; private set; }

    /// <inheritdoc cref="SiteLoss.Trains"/>
    internal bool Trains(string name) => _loss.Trains(name);

    /// <inheritdoc/>
    public double Step()
    {
        using var scope = NewDisposeScope();
        var mean = _loss.Of(Done);
        mean.backward();
        using var noGradient = no_grad();
        GradientClip.Apply([_own.Gradient], _local.Clip);
        _own.Gradient.add_(_own.Values - _global, alpha: _plan.Lambda);
        _own.Values.add_(_own.Gradient, alpha: -_plan.LearningRate);
        _own.Forget();
        Done++;
        return mean.item<float>();
    }

    /// <inheritdoc/>
    public IEnumerable<TensorData> State()
    {
        RequireFinite();
        return [TensorFiles.Of(Values, _own.Values), .. _buffers.Select(b => TensorFiles.Of(b.Name, b.Tensor)), _loss.Sums];
    }

    /// <inheritdoc/>
    public void RequireFinite()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (!_own.Values.isfinite().all().item<bool>())
            throw _loss.Poisoned(Done);
    }

    /// <inheritdoc/>
    public void Restore(SafetensorsFile checkpoint)
    {
        TensorFiles.Fill(_own.Values, checkpoint, Values);
        foreach (var (name, tensor) in _buffers)
            TensorFiles.Fill(tensor, checkpoint, name);
        _loss.Restore(checkpoint);
        Done = StepCheckpoint.Steps(checkpoint);
    }

    public void Dispose()
    {
        _own.Dispose();
        _global.Dispose();
    }
}
