using FedKim.Models.Injection;
using TorchSharp;
using static TorchSharp.torch;

namespace FedKim.Models.Tests.Injection;

public sealed class ActivationCheckpointsTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 3)]
    [InlineData(ScalarType.BFloat16, 3)]
    [InlineData(ScalarType.Float32, 1)]
    [InlineData(ScalarType.Float32, 0)]
    public void Loss_and_every_gradient_are_the_same_bits_as_without(ScalarType type, int experts)
    {
        using var tiny = new TinyInjection(type, experts);

        var plain = Gradients(tiny.Model, null);
        using var checkpoints = new ActivationCheckpoints();
        var again = Gradients(tiny.Model, checkpoints);

        Assert.Equal(plain.Keys, again.Keys);
        Assert.All(plain, gradient => Assert.Equal(gradient.Value, again[gradient.Key]));
        // Nothing of it is zero, or equality would say nothing.
        Assert.All(plain, gradient => Assert.Contains(gradient.Value, value => value != 0));
    }

    [Fact]
    public void A_pass_leaves_no_tensor_behind()
    {
        using var tiny = new TinyInjection();
        using var checkpoints = new ActivationCheckpoints();
        _ = Gradients(tiny.Model, checkpoints);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        _ = Gradients(tiny.Model, checkpoints);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Of_a_layer_only_its_inputs_are_held_until_the_backward_pass()
    {
        using var scope = NewDisposeScope();
        using var checkpoints = new ActivationCheckpoints();
        List<int> calls = [];
        var x = ones(3).requires_grad_();

        var y = checkpoints.Run([x], inputs =>
        {
            calls.Add(is_grad_enabled() ? 1 : 0);
            return inputs[0].square();
        });
        Assert.Equal([0], calls);
        checkpoints.Backward(y.sum());

        Assert.Equal([0, 1], calls);
        Assert.Equal([2f, 2f, 2f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void What_breaks_in_the_backward_pass_is_thrown_there_and_the_next_pass_is_sound()
    {
        using var scope = NewDisposeScope();
        using var checkpoints = new ActivationCheckpoints();
        var x = ones(2).requires_grad_();
        int calls = 0;
        Tensor Compute(Tensor[] inputs) => ++calls == 3 ? throw new OutOfMemoryException("CUDA out of memory") : inputs[0].mul(5);
        Tensor Layer(Tensor input)
        {
            using var layerScope = NewDisposeScope();
            return checkpoints.Run([input], Compute).MoveToOuterDisposeScope();
        }

        Tensor Loss() => Layer(Layer(x)).sum();

        // Two layers, which leave behind what they return alone: the third call is the backward pass of the upper one.
        Assert.Equal("CUDA out of memory", Assert.Throws<OutOfMemoryException>(() => checkpoints.Backward(Loss())).Message);
        x.grad = null;
        checkpoints.Backward(Loss());

        Assert.Equal([25f, 25f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Without_gradients_a_layer_runs_once_and_plainly()
    {
        using var scope = NewDisposeScope();
        using var checkpoints = new ActivationCheckpoints();
        using var gradient = no_grad();
        int calls = 0;
        var y = checkpoints.Run([ones(2).requires_grad_()], inputs =>
        {
            calls++;
            return inputs[0].mul(2);
        });
        Assert.Equal((1, false), (calls, y.requires_grad));
    }

    // Loss, the features' gradient and those of all adapters.
    private static SortedDictionary<string, float[]> Gradients(InjectedFoundationModel model, ActivationCheckpoints? checkpoints)
    {
        using var scope = NewDisposeScope();
        var input = TinyInjection.Input();
        var loss = model.AnswerLoss(input, TinyInjection.Answers, checkpoints);
        if (checkpoints is null)
            loss.backward();
        else
            checkpoints.Backward(loss);
        var found = new SortedDictionary<string, float[]>(StringComparer.Ordinal) { ["loss"] = [loss.item<float>()], ["features"] = input.Features[0].Tokens.grad!.data<float>().ToArray() };
        foreach (var (name, parameter) in model.Parameters)
        {
            found.Add(name, parameter.grad!.contiguous().data<float>().ToArray());
            parameter.grad = null;
        }

        return found;
    }
}
