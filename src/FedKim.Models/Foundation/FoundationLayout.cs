using System.Collections.Immutable;

namespace FedKim.Models.Foundation;

/// <summary>How an architecture's checkpoints name their tensors (Hugging Face layout), and how the projections of attention lie in them.</summary>
/// <param name="Architecture">As <c>architectures</c> in <c>config.json</c> says it.</param>
/// <param name="Embeddings">The token embeddings.</param>
/// <param name="Head">The head, where it is not the embeddings.</param>
/// <param name="AttentionNorm">In a layer: the norm before attention.</param>
/// <param name="Attention">
/// In a layer: what attention reads by. Either queries, keys and values, or one projection whose rows come in groups of one key-value head: its
/// queries, its key, its value.
/// </param>
/// <param name="Output">In a layer: what attention gives by.</param>
/// <param name="FeedForwardNorm">In a layer: the norm before the feed forward.</param>
/// <param name="Gate">In a layer: the projection that SiLU follows.</param>
/// <param name="Up">In a layer: the projection that is gated.</param>
/// <param name="Down">In a layer: the feed forward's last.</param>
internal sealed record FoundationLayout(
    string Architecture, string Embeddings, string Head, string AttentionNorm, ImmutableArray<string> Attention, string Output, string FeedForwardNorm,
        string Gate, string Up, string Down)
{
    /// <summary>The last norm, and what stands before a layer's number; the same in all.</summary>
    public const string Norm = "model.norm", Layers = "model.layers.";

    /// <summary>The architectures that are understood.</summary>
    public static readonly ImmutableArray<FoundationLayout> Known =
    [
        new("InternLM2ForCausalLM", "model.tok_embeddings", "output", "attention_norm", ["attention.wqkv"], "attention.wo", "ffn_norm",
            "feed_forward.w1", "feed_forward.w3", "feed_forward.w2"),
        new("LlamaForCausalLM", "model.embed_tokens", "lm_head", "input_layernorm", ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], "self_attn.o_proj",
            "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"),
    ];

    /// <summary>Whether a tensor follows from the configuration, though older checkpoints carry it: the rotation's frequencies.</summary>
    public static bool IsDerived(string tensor) => tensor.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}
