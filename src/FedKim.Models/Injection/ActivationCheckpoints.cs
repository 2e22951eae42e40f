using System.Runtime.ExceptionServices;
using FedKim.Models.Foundation;
using static TorchSharp.torch;

namespace FedKim.Models.Injection;

/// <summary>
/// Activation checkpointing (Chen et al. 2016, arXiv 1604.06174): of what a layer computes only its inputs are kept, and the backward pass
/// computes it once more. Gradients are the same to the last bit; memory for one layer takes the place of memory for all.
/// </summary>
/// <remarks>One backward pass at a time. Disposing frees what the last one handed over.</remarks>
public sealed class ActivationCheckpoints : IDisposable
{
    private readonly List<Tensor> _handedOver = [];
    private ExceptionDispatchInfo? _fault;

    /// <summary>Runs a layer so that it is computed again in the backward pass. Fits <see cref="LayerRun"/>.</summary>
    /// <param name="inputs">Whatever differs between the layer's calls; gradients reach these, and the parameters that <paramref name="compute"/> uses.</param>
    /// <param name="compute">The layer, without chance: called again it gives the same.</param>
    public Tensor Run(Tensor[] inputs, Func<Tensor[], Tensor> compute)
    {
        // The graph continues through an input alone: a layer none of whose inputs is trained is computed as it is.
        if (!is_grad_enabled() || !inputs.Any(i => i.requires_grad))
            return compute(inputs);
        return Recomputed.apply([new Layer(this, compute), .. inputs]);
    }

    /// <summary>Backward pass of a loss whose layers ran here. An error on the way, such as want of memory, is thrown here and not in native code.</summary>
    /// <param name="loss">A scalar.</param>
    public void Backward(Tensor loss)
    {
        try
        {
            loss.backward();
            _fault?.Throw();
        }
        finally
        {
            _fault = null;
            Free();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Free();

    private void Free()
    {
        _handedOver.ForEach(t => t.Dispose());
        _handedOver.Clear();
    }

    // On an accelerator this runs on a thread of torch's own, where no scope is open and no exception may leave.
    private Tensor?[] Gradients(Func<Tensor[], Tensor> compute, List<Tensor> kept, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        // The layer above has taken over what was handed to it.
        Free();
        Tensor?[] none = [.. kept.Select(_ => (Tensor?)null)];
        try
        {
            // Below a layer that broke there is nothing to compute.
            if (_fault is not null || gradient.IsInvalid)
                return none;
            using var mode = enable_grad();
            Tensor[] inputs = [.. kept.Select(k => k.requires_grad ? k.detach().requires_grad_() : k.detach())];
            var output = compute(inputs);
            autograd.backward([output], [gradient]);
            Tensor?[] gradients = [.. inputs.Select(i => i.requires_grad ? i.grad?.DetachFromDisposeScope() : null)];
            _handedOver.AddRange(gradients.OfType<Tensor>());
            return gradients;
        }
        catch (Exception e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
            return none;
        }
        finally
        {
            gradient.Dispose();
            kept.ForEach(k => k.Dispose());
        }
    }

    private sealed record Layer(ActivationCheckpoints Owner, Func<Tensor[], Tensor> Compute);

    private sealed class Recomputed : autograd.SingleTensorFunction<Recomputed>
    {
        public override string Name => nameof(Recomputed);

        public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
        {
            Tensor[] inputs = [.. arguments.Skip(1).Cast<Tensor>()];
            context.save_data(nameof(Layer), arguments[0]);
            context.save_for_backward([.. inputs]);
            // Below a layer that broke no gradient arrives, and none is to be made up.
            context.set_materialize_grads(false);
            return ((Layer)arguments[0]).Compute(inputs);
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            var layer = (Layer)context.get_data(nameof(Layer));
            return [null!, .. layer.Owner.Gradients(layer.Compute, context.get_saved_variables(), gradient).Select(g => g!)];
        }
    }
}
