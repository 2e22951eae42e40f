using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;

namespace FedKim.Protocol.Hyperion;

/// <summary>
/// Walks the bytes of a message before Hyperion reads them. Hyperion sets aside whatever length the bytes name, nests as deep as they say,
/// fills in what is missing with what its buffer held, and reads another version's fields in the wrong order; none of that gets past here.
/// </summary>
internal ref struct WireWalk
{
    // No message is deeper than six.
    private const int MaximumDepth = 16;

    private readonly WireTypeFilter _types;
    private readonly List<Type> _named = [];
    private ReadOnlySpan<byte> _left;

    private WireWalk(ReadOnlySpan<byte> bytes, WireTypeFilter types)
    {
        _left = bytes;
        _types = types;
    }

    /// <summary>Passes when the bytes are one whole value of allowed types, with the fields those types have here.</summary>
    /// <exception cref="SerializationException">They are not; the message says why.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, WireTypeFilter types)
    {
        var walk = new WireWalk(bytes, types);
        walk.Value(0);
        if (!walk._left.IsEmpty)
            throw new SerializationException($"{walk._left.Length} bytes follow the message.");
    }

    // The numbers are the manifests of Hyperion's value serializers.
    private void Value(int depth)
    {
        if (depth > MaximumDepth)
            throw new SerializationException("It is nested deeper than any message.");
        byte kind = Take(1)[0];
        switch (kind)
        {
            case 0: break; // null
            case 6: Take(1); break; // bool
            case 8 or 253: Take(4); break; // int; the number of an object that came before
            case 2 or 13: Take(8); break; // long; double
            case 7: Text(); break;
            case 9: Take(Length()); break; // bytes
            case 251: Fields(NewType(), depth); break;
            case 254: Fields(KnownType(), depth); break;
            case 252: Texts(); break;
            default: throw new SerializationException($"A value of kind {kind} is not of the wire.");
        }
    }

    private void Fields(Type type, int depth)
    {
        int values = type.IsArray ? Length() : WireTypeFilter.FieldNames(type).Count;
        for (int i = 0; i < values; i++)
            Value(depth + 1);
    }

    private Type NewType()
    {
        string name = Name();
        var type = _types.Find(name) ?? throw new SerializationException($"'{name}' is not a type of the wire.");
        string[] fields = new string[Take(1)[0]];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = Name();
        if (!fields.SequenceEqual(WireTypeFilter.FieldNames(type)))
            throw new SerializationException($"{type} has other fields at the sender. Run the same version on all nodes.");
        _named.Add(type);
        return type;
    }

    private Type KnownType()
    {
        int number = BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
        return number < _named.Count ? _named[number] : throw new SerializationException($"The message names no type number {number}.");
    }

    private void Texts()
    {
        if (Take(1)[0] != 7)
            throw new SerializationException("Of plain arrays only those of texts are of the wire.");
        int count = Length();
        for (int i = 0; i < count; i++)
            Text();
    }

    private void Text()
    {
        int length = Take(1)[0];
        if (length > 0)
            Take(length is 255 ? Length() : length - 1);
    }

    private string Name() => Encoding.UTF8.GetString(Take(Length()));

    // Whatever a length counts takes at least a byte each.
    private int Length()
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
        return length >= 0 && length <= _left.Length ? length : throw new SerializationException($"A length of {length} with {_left.Length} bytes left.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _left.Length)
            throw new SerializationException($"{count} bytes expected, {_left.Length} left.");
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
