using System.Buffers.Binary;
using System.Collections.Immutable;

namespace FedKim.Parameters;

/// <summary>
/// Looks for values that are no numbers in a safetensors file while its bytes pass by, from the first to the last, so that nobody reads it
/// again for that.
/// </summary>
/// <remarks>One writer at a time.</remarks>
public sealed class PassingValues
{
    // A header that claims more is not kept in memory for whoever claims it: such a file is looked at when it lies on the disk.
    private const int LongestHead = 1 << 20;

    private readonly Dictionary<string, long> _found = new(StringComparer.Ordinal);
    private readonly byte[] _element = new byte[sizeof(double)];
    private byte[] _head = new byte[SafetensorsHeader.LengthBytes];
    private TensorInfo[]? _tensors;
    private bool _unreadable;
    private int _at, _headed, _begun;
    private long _position;

    /// <summary>Tensors with a value that is NaN or infinite → the place of the first; null before all tensors have passed, or where no header was found.</summary>
    public ImmutableDictionary<string, long>? NonFinite =>
        _tensors is not null && _at == _tensors.Length ? _found.ToImmutableDictionary(StringComparer.Ordinal) : null;

    /// <summary>The next bytes of the file.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !_unreadable)
        {
            int taken = _tensors is null ? TakeHead(bytes) : TakeValues(_tensors, bytes);
            _position += taken;
            bytes = bytes[taken..];
            if (_tensors is not null)
                Pass(_tensors);
        }
    }

    private int TakeHead(ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(bytes.Length, _head.Length - _headed);
        bytes[..taken].CopyTo(_head.AsSpan(_headed));
        _headed += taken;
        if (_headed < _head.Length)
            return taken;
        if (_head.Length > SafetensorsHeader.LengthBytes)
        {
            Begin(_head.AsSpan(SafetensorsHeader.LengthBytes));
            return taken;
        }

        ulong json = BinaryPrimitives.ReadUInt64LittleEndian(_head);
        if (json is 0 or > LongestHead)
            _unreadable = true;
        else
            Array.Resize(ref _head, SafetensorsHeader.LengthBytes + (int)json);
        return taken;
    }

    private void Begin(ReadOnlySpan<byte> json)
    {
        try
        {
            var header = SafetensorsHeader.Parse(json, "", fileLength: null);
            _tensors = [.. header.Tensors.Values.Where(t => t.Length > 0).OrderBy(t => t.Offset)];
        }
        catch (SafetensorsException)
        {
            // Whoever opens the file says what is wrong with it.
            _unreadable = true;
        }

        _head = [];
    }

    // Tensors follow one another without a hole.
    private int TakeValues(TensorInfo[] tensors, ReadOnlySpan<byte> bytes)
    {
        if (_at == tensors.Length)
            return bytes.Length;
        var tensor = tensors[_at];
        long place = _position - tensor.Offset;
        bytes = bytes[..(int)Math.Min(bytes.Length, tensor.Length - place)];
        if (tensor.DType.IsFloating() && !_found.ContainsKey(tensor.Name))
            Look(tensor, bytes, place);
        return bytes.Length;
    }

    private void Pass(TensorInfo[] tensors)
    {
        while (_at < tensors.Length && _position >= tensors[_at].Offset + tensors[_at].Length)
            (_at, _begun) = (_at + 1, 0);
    }

    // Bytes may begin and end within an element.
    private void Look(TensorInfo tensor, ReadOnlySpan<byte> bytes, long place)
    {
        int width = tensor.DType.Width();
        if (_begun > 0)
        {
            int rest = Math.Min(width - _begun, bytes.Length);
            bytes[..rest].CopyTo(_element.AsSpan(_begun));
            (_begun, place) = (_begun + rest, place + rest);
            bytes = bytes[rest..];
            if (_begun < width)
                return;
            _begun = 0;
            LookAt(tensor, _element.AsSpan(0, width), (place / width) - 1);
            if (_found.ContainsKey(tensor.Name))
                return;
        }

        int whole = bytes.Length / width * width;
        LookAt(tensor, bytes[..whole], place / width);
        bytes[whole..].CopyTo(_element);
        _begun = bytes.Length - whole;
    }

    private void LookAt(TensorInfo tensor, ReadOnlySpan<byte> elements, long first)
    {
        if (TensorKernels.IndexOfNonFinite(tensor.DType, elements) is >= 0 and var index)
            _found.Add(tensor.Name, first + index);
    }
}
