using FedKim.Models.Foundation;
using static TorchSharp.torch;

namespace FedKim.Models.Tests;

public sealed class FoundationHeadTests
{
    [Fact]
    public void A_head_in_pieces_gives_what_it_gives_whole()
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        var config = new FoundationConfig { VocabSize = 40_000, HiddenSize = 8, IntermediateSize = 8, NumHiddenLayers = 1, NumAttentionHeads = 2 };
        using var model = FoundationModel.Create(config, name => name.Length);
        var read = randn(2, 3, 8);

        var logits = model.Logits(read);

        Assert.Equal([2L, 3L, 40_000L], logits.shape);
        Assert.InRange((logits - read.matmul(model.Tensors["output.weight"].t())).abs().max().item<float>(), 0, 1e-6f);
    }
}
