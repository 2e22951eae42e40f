using System.Buffers.Binary;
using System.Text;

namespace FedKim.Parameters.PyTorch;

/// <summary>
/// Reads the pickle of a dictionary of tensors and executes nothing: it knows the opcodes of <see cref="PickleOpcode"/> and the globals
/// below, each of which stands for a value made here. Work and memory are bounded by the pickle's length, and nothing recurses.
/// </summary>
internal sealed class PickleReader
{
    private const int NewestProtocol = 5;

    // A checkpoint of a thousand tensors needs some ten thousand.
    private const int MostValues = 1 << 20;

    // PyTorch's own bound on a tensor's dimensions.
    private const int MostDimensions = 64;

    private static readonly object MarkValue = new(), OrderedDict = new(), RebuildTensor = new(), RebuildParameter = new();

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Dictionary<string, object> Globals = new(StringComparer.Ordinal)
    {
        ["collections OrderedDict"] = OrderedDict,
        ["torch._utils _rebuild_tensor_v2"] = RebuildTensor,
        ["torch._utils _rebuild_parameter"] = RebuildParameter,
        ["torch._utils _rebuild_parameter_with_state"] = RebuildParameter,
        ["torch DoubleStorage"] = DType.F64,
        ["torch FloatStorage"] = DType.F32,
        ["torch HalfStorage"] = DType.F16,
        ["torch BFloat16Storage"] = DType.BF16,
        ["torch LongStorage"] = DType.I64,
        ["torch IntStorage"] = DType.I32,
        ["torch ShortStorage"] = DType.I16,
        ["torch CharStorage"] = DType.I8,
        ["torch ByteStorage"] = DType.U8,
        ["torch BoolStorage"] = DType.Bool,
    };

    private readonly byte[] _pickle;
    private readonly string _file;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _at, _opcodeAt;

    private PickleReader(byte[] pickle, string file) => (_pickle, _file) = (pickle, file);

    /// <summary>The tensors by name that <paramref name="pickle"/> describes.</summary>
    /// <exception cref="PyTorchException">It is malformed, or uses an opcode or a global that tensors do not need.</exception>
    internal static SortedDictionary<string, PickledTensor> Read(byte[] pickle, string file)
    {
        var reader = new PickleReader(pickle, file);
        while (reader.Step())
        {
            // Each opcode moves on by a byte at least.
        }

        var tensors = new SortedDictionary<string, PickledTensor>(StringComparer.Ordinal);
        foreach (var (name, value) in reader.Pop<Dictionary<string, object?>>("a dictionary of tensors"))
            tensors.Add(name, value as PickledTensor ?? throw new PyTorchException("it is no tensor; only a plain dictionary of tensors is read", file, name));
        return tensors;
    }

    /// <summary>Does what the next opcode says; false at the end.</summary>
    private bool Step()
    {
        _opcodeAt = _at;
        var opcode = (PickleOpcode)Take(1)[0];
        switch (opcode)
        {
            case PickleOpcode.Stop:
                return false;
            case PickleOpcode.Proto:
                if (Take(1)[0] > NewestProtocol)
                    throw Fault($"pickle protocol {_pickle[_at - 1]} is newer than {NewestProtocol}");
                break;
            case PickleOpcode.Frame:
                Take(8);
                break;
            case PickleOpcode.Mark:
                Push(MarkValue);
                break;
            case PickleOpcode.None:
                Push(null);
                break;
            case PickleOpcode.NewTrue or PickleOpcode.NewFalse:
                Push(opcode == PickleOpcode.NewTrue);
                break;
            case PickleOpcode.BinInt:
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case PickleOpcode.BinInt1:
                Push((long)Take(1)[0]);
                break;
            case PickleOpcode.BinInt2:
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case PickleOpcode.Long1:
                Push(Long(Take(Take(1)[0])));
                break;
            case PickleOpcode.BinUnicode:
                Push(Text(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                break;
            case PickleOpcode.ShortBinUnicode:
                Push(Text(Take(Take(1)[0])));
                break;
            case PickleOpcode.EmptyTuple:
                Push(Array.Empty<object?>());
                break;
            case PickleOpcode.Tuple1 or PickleOpcode.Tuple2 or PickleOpcode.Tuple3:
                object?[] few = new object?[opcode - PickleOpcode.Tuple1 + 1];
                for (int i = few.Length - 1; i >= 0; i--)
                    few[i] = Pop();
                Push(few);
                break;
            case PickleOpcode.Tuple:
                Push(PopToMark());
                break;
            case PickleOpcode.EmptyDict:
                Push(new Dictionary<string, object?>(StringComparer.Ordinal));
                break;
            case PickleOpcode.SetItem:
                object? value = Pop();
                SetItems([Pop(), value]);
                break;
            case PickleOpcode.SetItems:
                SetItems(PopToMark());
                break;
            case PickleOpcode.Build:
                // Attributes of a dictionary, such as _metadata: nothing that tensors need.
                Pop<Dictionary<string, object?>>("a dictionary of attributes");
                Push(Pop<Dictionary<string, object?>>("a dictionary"));
                break;
            case PickleOpcode.BinPut:
                Remember(Take(1)[0]);
                break;
            case PickleOpcode.LongBinPut:
                Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case PickleOpcode.Memoize:
                Remember((uint)_memo.Count);
                break;
            case PickleOpcode.BinGet:
                Push(Recall(Take(1)[0]));
                break;
            case PickleOpcode.LongBinGet:
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case PickleOpcode.Global:
                Push(Global(Line(), Line()));
                break;
            case PickleOpcode.StackGlobal:
                string name = Pop<string>("a global's name");
                Push(Global(Pop<string>("a global's module"), name));
                break;
            case PickleOpcode.BinPersId:
                Push(Storage(Pop<object?[]>("a storage's description")));
                break;
            case PickleOpcode.Reduce:
                object?[] arguments = Pop<object?[]>("arguments");
                Push(Call(Pop(), arguments));
                break;
            default:
                throw Fault($"opcode 0x{(byte)opcode:x2}{((byte)opcode is > 0x20 and < 0x7f ? $" '{(char)opcode}'" : "")} is refused: no tensor needs it, and nothing in a pickle is executed");
        }

        return true;
    }

    private object Global(string module, string name) => Globals.TryGetValue($"{module} {name}", out object? value)
        ? value
        : throw Fault($"the global '{module}.{name}' is refused: no tensor needs it, and nothing in a pickle is executed");

    private object Call(object? callee, object?[] arguments)
    {
        if (callee == OrderedDict && arguments.Length == 0)
            return new Dictionary<string, object?>(StringComparer.Ordinal);
        // Then come requires_grad, backward hooks and, in newer versions, metadata: of no use to weights.
        if (callee == RebuildTensor && arguments is [PickledStorage storage, long offset, object?[] { Length: <= MostDimensions } shape, object?[] strides, _, _, ..]
            && shape.Length == strides.Length)
        {
            return new PickledTensor(storage, offset, [.. shape.Select(Whole)], [.. strides.Select(Whole)]);
        }
        // A parameter is the tensor it wraps; then come requires_grad, hooks and, of some, attributes.
        if (callee == RebuildParameter && arguments is [PickledTensor tensor, _, _, ..])
            return tensor;
        throw Fault("what is called is neither OrderedDict() nor _rebuild_parameter(tensor, …) nor _rebuild_tensor_v2(storage, offset, size, stride, …)");
    }

    private PickledStorage Storage(object?[] description) => description is ["storage", DType type, string key, string, long count]
        ? new PickledStorage(key, type, count)
        : throw Fault("a persistent id is not ('storage', type, key, location, count)");

    private long Whole(object? value) => value as long? ?? throw Fault("a size or stride is no whole number");

    private void SetItems(object?[] items)
    {
        var target = Pop<Dictionary<string, object?>>("a dictionary");
        if (items.Length % 2 != 0)
            throw Fault("a dictionary's key comes without a value");
        for (int i = 0; i < items.Length; i += 2)
        {
            if (items[i] is not string key)
                throw Fault("a dictionary's key is no text");
            if (!target.TryAdd(key, items[i + 1]))
                throw Fault($"a dictionary names '{key}' twice");
        }

        Push(target);
    }

    private void Remember(uint index)
    {
        if (_memo.Count >= MostValues)
            throw Fault($"more than {MostValues} values are remembered; no dictionary of tensors needs so many");
        object? value = Pop();
        Push(_memo[index] = value);
    }

    private object? Recall(uint index) => _memo.TryGetValue(index, out object? value) ? value : throw Fault($"value {index} is recalled, but was never remembered");

    private void Push(object? value)
    {
        if (_stack.Count >= MostValues)
            throw Fault($"more than {MostValues} values are open at once; no dictionary of tensors nests so deep");
        _stack.Add(value);
    }

    private object? Pop()
    {
        if (_stack.Count == 0 || _stack[^1] == MarkValue)
            throw Fault("a value is taken where there is none");
        object? value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Pop<T>(string expected) where T : class => Pop() as T ?? throw Fault($"{expected} is expected, but another value stands there");

    private object?[] PopToMark()
    {
        int mark = _stack.FindLastIndex(value => value == MarkValue);
        if (mark < 0)
            throw Fault("a mark is missing");
        object?[] values = [.. _stack.Skip(mark + 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private long Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(long))
            throw Fault($"a whole number of {bytes.Length} bytes is larger than any size");
        long value = bytes is [.., >= 0x80] ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new PyTorchException("a text is no valid UTF-8", _file, offset: _opcodeAt, inner: e);
        }
    }

    private string Line()
    {
        int length = _pickle.AsSpan(_at).IndexOf((byte)'\n');
        if (length < 0)
            throw Fault("the pickle is truncated: a global's name does not end");
        string line = Text(Take(length));
        Take(1);
        return line;
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _pickle.Length - _at)
            throw Fault($"the pickle is truncated: it has {_pickle.Length} bytes and goes on");
        _at += (int)count;
        return _pickle.AsSpan(_at - (int)count, (int)count);
    }

    private PyTorchException Fault(string problem) => new(problem, _file, offset: _opcodeAt);
}
