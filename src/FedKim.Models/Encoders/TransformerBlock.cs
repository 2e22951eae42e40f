using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>A pre-norm Transformer block with timm's names: x + attn(norm1(x)), then x + mlp(norm2(x)).</summary>
internal sealed class TransformerBlock : nn.Module<Tensor, Tensor?, Tensor>
{
    private const int Expansion = 4;

    private readonly LayerNorm _norm1;
    private readonly SelfAttention _attention;
    private readonly LayerNorm _norm2;
    private readonly FeedForward _mlp;

    internal TransformerBlock(int width, int heads, double epsilon, Device? device) : base(nameof(TransformerBlock))
    {
        _norm1 = nn.LayerNorm(width, epsilon, device: device);
        _attention = new SelfAttention(width, heads, device);
        _norm2 = nn.LayerNorm(width, epsilon, device: device);
        _mlp = new FeedForward(width, Expansion * width, device);
        register_module("norm1", _norm1);
        register_module("attn", _attention);
        register_module("norm2", _norm2);
        register_module("mlp", _mlp);
    }

    /// <param name="x">[batch, tokens, width].</param>
    /// <param name="mask">Added to the attention scores, [batch, 1, 1, tokens]; null attends everywhere.</param>
    public override Tensor forward(Tensor x, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var attended = x + _attention.forward(_norm1.forward(x), mask);
        return (attended + _mlp.forward(_norm2.forward(attended))).MoveToOuterDisposeScope();
    }

    private sealed class SelfAttention : nn.Module<Tensor, Tensor?, Tensor>
    {
        private readonly int _heads;
        private readonly Linear _qkv;
        private readonly Linear _projection;

        internal SelfAttention(int width, int heads, Device? device) : base(nameof(SelfAttention))
        {
            if (heads <= 0 || width % heads != 0)
                throw new ArgumentException($"{heads} attention heads do not divide the width {width}.");
            _heads = heads;
            _qkv = nn.Linear(width, 3 * width, device: device);
            _projection = nn.Linear(width, width, device: device);
            register_module("qkv", _qkv);
            register_module("proj", _projection);
        }

        public override Tensor forward(Tensor x, Tensor? mask)
        {
            var (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2]);
            var parts = _qkv.forward(x).view(batch, tokens, 3, _heads, width / _heads).permute(2, 0, 3, 1, 4).unbind(0);
            var attended = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask: mask);
            return _projection.forward(attended.transpose(1, 2).reshape(batch, tokens, width));
        }
    }

    private sealed class FeedForward : nn.Module<Tensor, Tensor>
    {
        private readonly Linear _up;
        private readonly Linear _down;

        internal FeedForward(int width, int hidden, Device? device) : base(nameof(FeedForward))
        {
            _up = nn.Linear(width, hidden, device: device);
            _down = nn.Linear(hidden, width, device: device);
            register_module("fc1", _up);
            register_module("fc2", _down);
        }

        public override Tensor forward(Tensor x) => _down.forward(nn.functional.gelu(_up.forward(x)));
    }
}
