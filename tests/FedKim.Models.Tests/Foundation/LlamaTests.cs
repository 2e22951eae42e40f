using System.Collections.Immutable;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using static TorchSharp.torch;

namespace FedKim.Models.Tests.Foundation;

public sealed class LlamaTests
{
    private static readonly int[][] Rows = [[1, 17, 260, 4, 99], [1, 300], [1, 5, 44, 3, 8, 250, 7]];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_Llama_gives_what_an_InternLM2_of_the_same_weights_gives(bool biases, bool tied)
    {
        using var scope = NewDisposeScope();
        var config = TinyModel.Llama with { AttentionBias = biases, TieWordEmbeddings = tied };
        var weights = TinyModel.Weights(config);
        using var llama = TinyModel.Load(config, weights);
        using var intern = TinyModel.Load(TinyModel.InternLM2 with { Bias = biases, TieWordEmbeddings = tied }, TinyModel.AsInternLM2(config, weights));
        var (ids, mask) = PaddedRows.Of(Rows, config.PadId, CPU, left: true);

        AssertClose(Logits(intern, ids, mask), Logits(llama, ids, mask), mask);
        Assert.Equal(intern.Continue(Rows, 12), llama.Continue(Rows, 12));
    }

    [Fact]
    public void A_tied_head_is_the_embeddings()
    {
        using var scope = NewDisposeScope();
        var weights = TinyModel.Weights(TinyModel.Llama);
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"];
        using var untied = TinyModel.Load(TinyModel.Llama, weights);
        // A head that stands in the file all the same, and frequencies that follow from the configuration, are passed over.
        weights["model.layers.0.self_attn.rotary_emb.inv_freq"] = [1, 2, 3, 4];
        using var tied = TinyModel.Load(TinyModel.Llama with { TieWordEmbeddings = true }, weights);

        Assert.DoesNotContain("lm_head.weight", tied.Tensors.Keys);
        Assert.Equal(untied.Continue(Rows, 5), tied.Continue(Rows, 5));
    }

    [Fact]
    public void Reading_token_by_token_gives_what_reading_all_at_once_gives()
    {
        foreach (var config in TinyModel.Both)
        {
            using var scope = NewDisposeScope();
            using var model = TinyModel.Load(config);
            var (ids, mask) = PaddedRows.Of(Rows, config.PadId, CPU, left: true);
            var whole = model.Read(model.Embed(ids), mask);
            using var cache = model.NewCache(ids.shape[0], ids.shape[1]);
            var steps = Enumerable.Range(0, (int)ids.shape[1]).Select(i => model.Read(model.Embed(ids.narrow(1, i, 1)), mask.narrow(1, i, 1), cache: cache)).ToArray();

            AssertClose(whole, cat(steps, 1), mask);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_row_of_a_padded_batch_gives_what_it_gives_alone(bool left)
    {
        foreach (var config in TinyModel.Both)
        {
            using var scope = NewDisposeScope();
            using var model = TinyModel.Load(config);
            var (ids, mask) = PaddedRows.Of(Rows, config.PadId, CPU, left);
            var together = Logits(model, ids, mask);
            for (int row = 0; row < Rows.Length; row++)
            {
                var alone = Logits(model, tensor(Rows[row].Select(id => (long)id).ToArray()).unsqueeze(0), null);
                long start = left ? ids.shape[1] - Rows[row].Length : 0;
                AssertClose(alone.squeeze(0), together[row].narrow(0, start, Rows[row].Length));
            }
        }
    }

    [Fact]
    public void Heads_may_be_wider_than_the_hidden_size_divides_into()
    {
        using var scope = NewDisposeScope();
        var config = TinyModel.Llama with { HeadDim = 12 };
        var weights = TinyModel.Weights(config);
        using var llama = TinyModel.Load(config, weights);
        using var intern = TinyModel.Load(TinyModel.InternLM2 with { HeadDim = 12 }, TinyModel.AsInternLM2(config, weights));

        Assert.Equal([48L, 32L], llama.Tensors["model.layers.0.self_attn.q_proj.weight"].shape);
        Assert.Equal(intern.Continue(Rows, 8), llama.Continue(Rows, 8));
    }

    [Fact]
    public void Experts_stand_beside_every_projection_and_change_nothing_before_they_are_trained()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Load(TinyModel.Llama);
        using var injected = new InjectedFoundationModel(model, new AdapterShape(ImmutableSortedDictionary<string, int>.Empty, Experts: 3, Rank: 2), seed: 1);
        var input = new InjectionInput([], Rows, [[1, 9]], [[1, 8, 7]]);
        var (ids, mask) = PaddedRows.Of(Rows, model.Config.PadId, CPU, left: true);

        Assert.Equal(
            from layer in Enumerable.Range(0, 2)
            from projection in (string[])["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
            from factor in (string[])["A", "B"]
            select $"lora.layers.{layer}.{projection}.{factor}",
            injected.Parameters.Keys.Where(name => name.StartsWith("lora", StringComparison.Ordinal)));
        AssertClose(Logits(model, ids, mask), injected.Logits(input), mask);

        injected.AnswerLoss(input, [[4, 2]]).backward();
        Assert.All(injected.Parameters.Where(p => p.Key.EndsWith(".B", StringComparison.Ordinal)), p => Assert.True(p.Value.grad!.abs().sum().item<float>() > 0, p.Key));
        Assert.All(model.Tensors.Values, frozen => Assert.Null(frozen.grad));
    }

    private static Tensor Logits(FoundationModel model, Tensor ids, Tensor? mask) => model.Logits(model.Read(model.Embed(ids), mask));

    private static void AssertClose(Tensor expected, Tensor actual, Tensor? mask = null)
    {
        var distance = (expected - actual).abs();
        if (mask is not null)
            distance = distance.masked_select(mask.unsqueeze(-1));
        Assert.InRange(distance.max().item<float>(), 0, 2e-5f * Math.Max(1, expected.abs().max().item<float>()));
    }
}
