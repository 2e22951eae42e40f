using System.Collections.Immutable;
using FedKim.Models.Injection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Tests.Injection;

public sealed class LoraExpertsTests
{
    [Theory]
    [InlineData(12, 8, 32, 48, 1)]
    [InlineData(3, 1, 7, 5, 2)]
    [InlineData(1, 8, 16, 16, 1)]
    public void Two_products_give_the_sum_over_the_experts(int experts, int rank, int width, int size, int rowsOfAlpha)
    {
        using var scope = NewDisposeScope();
        _ = manual_seed(1);
        var (a, b) = (new Parameter(randn(experts, rank, width)), new Parameter(randn(experts, size, rank)));
        var (h, c, alpha) = (randn(2, 4, width), randn(2, 4, size), randn(rowsOfAlpha, experts).softmax(-1));

        var sum = new LoraExperts(a, b, scale: 0.5).Add(h, c, alpha);

        var expected = c.clone();
        for (int p = 0; p < experts; p++)
            expected = expected + (h.matmul(a[p].t()).matmul(b[p].t()) * alpha.narrow(1, p, 1).unsqueeze(-1) * 0.5);
        Assert.InRange((sum - expected).abs().max().item<float>(), 0, 1e-6f * expected.abs().max().item<float>() * rank * experts);
    }

    [Fact]
    public void Experts_that_all_count_alike_are_one_adapter_of_their_ranks_together()
    {
        using var scope = NewDisposeScope();
        _ = manual_seed(1);
        var (a, b) = (new Parameter(randn(12, 8, 32)), new Parameter(randn(12, 48, 8)));
        var (h, c) = (randn(2, 4, 32), randn(2, 4, 48));
        var shape = new AdapterShape(ImmutableSortedDictionary<string, int>.Empty, Experts: 3, Rank: 2, Routed: false);
        using var tiny = new TinyInjection(shape: shape);

        var alike = new LoraExperts(a, b).Add(h, c, full(1, 12, 1f / 12));
        var one = new LoraExperts(new Parameter(a.view(1, 96, 32)), new Parameter(b.permute(1, 0, 2).reshape(1, 48, 96)), scale: 1.0 / 12).Add(h, c, ones(1, 1));

        Assert.InRange((alike - one).abs().max().item<float>(), 0, 1e-5f * one.abs().max().item<float>());
        Assert.DoesNotContain(tiny.Model.Parameters.Keys, name => name.StartsWith("router.", StringComparison.Ordinal));
        Assert.Equal([1f / 3, 1f / 3, 1f / 3], tiny.Model.Weigh([[20]], [[22]])!.data<float>().ToArray());
    }

    // As few tokens are cheaper one by one, and as many as one matrix; two α for the batch are never one matrix.
    [Theory]
    [InlineData(4, 1)]
    [InlineData(64, 1)]
    [InlineData(64, 2)]
    public void The_projection_as_one_matrix_gives_what_its_experts_give_token_by_token_and_the_same_gradients(int tokens, int rowsOfAlpha)
    {
        using var scope = NewDisposeScope();
        _ = manual_seed(1);
        var (a, b) = (new Parameter(randn(12, 8, 32)), new Parameter(randn(12, 48, 8)));
        var (weight, bias) = (randn(48, 32), randn(48));
        var (h, alpha) = (randn(2, tokens, 32).requires_grad_(), randn(rowsOfAlpha, 12).softmax(-1).requires_grad_());
        Tensor[] moved = [h, alpha, a, b];
        var experts = new LoraExperts(a, b, scale: 0.5);

        var (apart, its) = Computed(() => experts.Add(h, nn.functional.linear(h, weight, bias), alpha));
        var (together, gradients) = Computed(() => experts.Project(h, weight, bias, alpha));

        AssertNear(apart, together);
        Assert.All(its.Zip(gradients), both => AssertNear(both.First, both.Second));

        (Tensor Output, Tensor[] Gradients) Computed(Func<Tensor> compute)
        {
            var output = compute();
            output.square().sum().backward();
            Tensor[] computed = [.. moved.Select(m => m.grad!.clone())];
            foreach (var tensor in moved)
                tensor.grad = null;
            return (output, computed);
        }

        static void AssertNear(Tensor expected, Tensor actual) =>
            Assert.InRange((actual - expected).abs().max().item<float>(), 0, 2e-5f * expected.abs().max().item<float>());
    }

    [Fact]
    public void What_the_base_gave_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        var c = zeros(1, 2, 3);
        _ = new LoraExperts(new Parameter(ones(2, 1, 3)), new Parameter(ones(2, 3, 1))).Add(ones(1, 2, 3), c, ones(1, 2));
        Assert.Equal(0f, c.abs().max().item<float>());
    }
}
