using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>
/// DeiT (Touvron et al. 2021): a Vision Transformer over square patches. Parameter names are timm's, so that the published DeiT-tiny
/// (width 192, depth 12, heads 3, patch 16, edge 224) loads by name.
/// </summary>
public sealed class Deit : Encoder
{
    private readonly int _channels;
    private readonly PatchEmbedding _patches;
    private readonly Parameter _classToken;
    private readonly Parameter? _distillationToken;
    private readonly Parameter _positions;
    private readonly ModuleList<TransformerBlock> _blocks = [];
    private readonly LayerNorm _norm;

    /// <param name="spec">Sizes; the edge must be a multiple of the patch.</param>
    /// <param name="distilled">Adds the distillation token after the class token.</param>
    /// <param name="epsilon">Of the layer norms: timm's 1e-6; the distilled checkpoints of Hugging Face use 1e-12.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other.</exception>
    public Deit(EncoderSpec spec, bool distilled = false, double epsilon = 1e-6, Device? device = null) : base(spec)
    {
        if (spec.Patch <= 0 || spec.Size <= 0 || spec.Size % spec.Patch != 0)
            throw new ArgumentException($"Encoder '{spec.Name}': patches of {spec.Patch} pixels do not tile an image of edge {spec.Size}.");
        int extra = distilled ? 2 : 1;
        int patches = spec.Size / spec.Patch * (spec.Size / spec.Patch);
        _channels = spec.Channels;
        _patches = new PatchEmbedding(spec, device);
        _classToken = new Parameter(zeros(1, 1, spec.Width, device: device));
        _positions = new Parameter(zeros(1, patches + extra, spec.Width, device: device));
        for (int block = 0; block < spec.Depth; block++)
            _blocks.Add(new TransformerBlock(spec.Width, spec.Heads, epsilon, device));
        _norm = nn.LayerNorm(spec.Width, epsilon, device: device);

        register_module("patch_embed", _patches);
        register_parameter("cls_token", _classToken);
        if (distilled)
        {
            _distillationToken = new Parameter(zeros(1, 1, spec.Width, device: device));
            register_parameter("dist_token", _distillationToken);
        }

        register_parameter("pos_embed", _positions);
        register_module("blocks", _blocks);
        register_module("norm", _norm);
    }

    /// <inheritdoc/>
    public override bool TreatsEachAlone => true;

    /// <returns>Class token (and distillation token) first, then a token a patch, row by row: [batch, 1 or 2 + patches, width].</returns>
    public override Tensor forward(ModalityBatch input)
    {
        using var scope = NewDisposeScope();
        var x = Embed(input.Values);
        foreach (var block in _blocks)
            x = block.forward(x, null);
        return _norm.forward(x).MoveToOuterDisposeScope();
    }

    /// <summary>What the first block receives: patch embeddings behind the extra tokens, positions added.</summary>
    internal Tensor Embed(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        long batch = pixels.shape[0];
        // A grey image is the same in every channel.
        var colours = pixels.shape[1] == _channels ? pixels : pixels.expand(batch, _channels, -1, -1);
        List<Tensor> tokens = [_classToken.expand(batch, -1, -1)];
        if (_distillationToken is not null)
            tokens.Add(_distillationToken.expand(batch, -1, -1));
        tokens.Add(_patches.forward(colours));
        return (cat(tokens, 1) + _positions).MoveToOuterDisposeScope();
    }

    /// <summary>The first block's output on <see cref="Embed"/>'s.</summary>
    internal Tensor FirstBlock(Tensor embedded) => _blocks[0].forward(embedded, null);

    private sealed class PatchEmbedding : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d _projection;

        internal PatchEmbedding(EncoderSpec spec, Device? device) : base(nameof(PatchEmbedding))
        {
            _projection = nn.Conv2d(spec.Channels, spec.Width, spec.Patch, stride: spec.Patch, device: device);
            register_module("proj", _projection);
        }

        public override Tensor forward(Tensor pixels) => _projection.forward(pixels).flatten(2).transpose(1, 2);
    }
}
