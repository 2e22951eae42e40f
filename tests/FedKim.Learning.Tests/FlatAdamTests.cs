using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Learning.Tests;

public sealed class FlatAdamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Parameters_of_any_shape_move_as_torchs_AdamW_moves_them(double decay)
    {
        using var scope = NewDisposeScope();
        _ = manual_seed(1);
        Parameter[] ours = [new(randn(3, 5)), new(randn(17)), new(randn(1))];
        Parameter[] torchs = [.. ours.Select(p => new Parameter(p.detach().clone()))];
        using var adam = new FlatAdam(ours, decay);
        using var expected = optim.AdamW(torchs, 0.01, weight_decay: decay);
        for (int step = 0; step < 5; step++)
        {
            Loss(ours).backward();
            adam.Step(0.01);
            expected.zero_grad();
            Loss(torchs).backward();
            expected.step();
        }

        Assert.All(ours.Zip(torchs), p => Assert.InRange((p.First - p.Second).abs().max().item<float>(), 0, 1e-6f));
        Assert.Equal(0f, adam.Gradient.abs().max().item<float>());
    }

    [Fact]
    public void Passes_add_up_until_the_step_or_until_they_are_forgotten()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(ones(2));
        using var adam = new FlatAdam([parameter], 0);

        parameter.sum().backward();
        parameter.sum().mul(2).backward();
        Assert.Equal([3f, 3f], parameter.grad!.data<float>().ToArray());

        adam.Forget();
        Assert.Equal([0f, 0f], parameter.grad!.data<float>().ToArray());
    }

    [Fact]
    public void A_parameter_that_is_no_number_is_seen()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(ones(40));
        using var adam = new FlatAdam([parameter], 0);
        Assert.True(adam.IsFinite);
        using (no_grad())
            parameter.fill_(float.NaN);
        Assert.False(adam.IsFinite);
    }

    private static Tensor Loss(Parameter[] parameters) => stack([.. parameters.Select(p => p.square().mul(0.5).sum().add(p.sum()))]).sum();
}
