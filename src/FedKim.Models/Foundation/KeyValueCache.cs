using static TorchSharp.torch;

namespace FedKim.Models.Foundation;

/// <summary>Keys and values of the tokens already read, one buffer a layer, so that generation reads each token once.</summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys, _values;
    private readonly Tensor _mask;

    /// <param name="config">The model.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="capacity">Most tokens a row will have.</param>
    /// <param name="type">Element type of the model.</param>
    /// <param name="device">Device of the model.</param>
    internal KeyValueCache(FoundationConfig config, long batch, long capacity, ScalarType type, Device device)
    {
        Tensor[] Buffers() => [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ =>
            empty(batch, config.KeyValueHeads, capacity, config.HeadSize, type, device).DetachFromDisposeScope())];
        (_keys, _values) = (Buffers(), Buffers());
        _mask = zeros(batch, capacity, ScalarType.Bool, device).DetachFromDisposeScope();
    }

    /// <summary>Tokens read so far; setting it lower forgets the later ones.</summary>
    public long Length { get; set; }

    /// <summary>Adds which of the new tokens are real, [batch, new], and returns those of all, [batch, length + new].</summary>
    internal Tensor AppendMask(Tensor mask)
    {
        long tokens = mask.shape[1];
        using (var room = _mask.narrow(1, Length, tokens))
            room.copy_(mask);
        return _mask.narrow(1, 0, Length + tokens);
    }

    /// <summary>Adds a layer's keys and values, [batch, heads, new, width], and returns all of them.</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        long tokens = keys.shape[2];
        using (var room = _keys[layer].narrow(2, Length, tokens))
            room.copy_(keys);
        using (var room = _values[layer].narrow(2, Length, tokens))
            room.copy_(values);
        return (_keys[layer].narrow(2, 0, Length + tokens), _values[layer].narrow(2, 0, Length + tokens));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
            tensor.Dispose();
        _mask.Dispose();
    }
}
