using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FedKim.Parameters;

/// <summary>
/// The head of a safetensors file: 8 bytes of little-endian length, then JSON that names each tensor's type, shape and byte range.
/// Read as strictly as the format's own specification asks (https://github.com/huggingface/safetensors#format), and written canonically.
/// </summary>
internal sealed record SafetensorsHeader(ImmutableSortedDictionary<string, TensorInfo> Tensors, ImmutableSortedDictionary<string, string> Metadata)
{
    /// <summary>Bytes of the length before the JSON.</summary>
    internal const int LengthBytes = 8;

    /// <summary>The format's own bound on the JSON's length, bytes.</summary>
    internal const long LongestJson = 100_000_000;

    private const string MetadataKey = "__metadata__";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The header of the file that <paramref name="source"/> gives, checked against its length.</summary>
    /// <exception cref="SafetensorsException">The file is truncated or malformed.</exception>
    internal static SafetensorsHeader Read(IByteSource source)
    {
        var (path, fileLength) = (source.FilePath, source.Length);
        Span<byte> prefix = stackalloc byte[LengthBytes];
        if (!source.ReadFully(prefix, 0))
            throw new SafetensorsException($"it has {fileLength} bytes, too few for a safetensors header", path, offset: 0);
        ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (declared > LongestJson)
        {
            // Whatever a text begins with is a length beyond the bound.
            byte[] start = new byte[Math.Min(StandIn.Length, fileLength)];
            if (source.ReadFully(start, 0) && StandIn.Of(start) is { } standIn)
                throw new SafetensorsException(standIn, path);
            throw new SafetensorsException($"the header claims {declared} bytes, the format allows {LongestJson}", path, offset: 0);
        }

        byte[] json = (long)declared <= fileLength - prefix.Length ? new byte[declared] : [];
        if ((long)declared != json.Length || !source.ReadFully(json, prefix.Length))
            throw new SafetensorsException($"the file is truncated: its header claims {declared} bytes, the file has {fileLength} in all", path, offset: 0);
        return Parse(json, path, fileLength);
    }

    /// <summary>The header that <paramref name="json"/> spells, checked against the size of its file; against none where the file is on its way still.</summary>
    /// <exception cref="SafetensorsException">It is malformed, or its ranges overlap, leave holes or miss the file's end.</exception>
    internal static SafetensorsHeader Parse(ReadOnlySpan<byte> json, string file, long? fileLength)
    {
        var tensors = ImmutableSortedDictionary.CreateBuilder<string, TensorInfo>(StringComparer.Ordinal);
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        bool metadataSeen = false;
        if (json.IsEmpty || json[0] != (byte)'{')
            throw new SafetensorsException("the header does not start with '{'", file, offset: LengthBytes);
        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                long at = LengthBytes + reader.TokenStartIndex;
                reader.Read();
                if (name == MetadataKey)
                {
                    if (metadataSeen)
                        throw new SafetensorsException("the header holds __metadata__ twice", file, offset: at);
                    metadataSeen = true;
                    ReadMetadata(ref reader, metadata, file);
                }
                else if (!tensors.TryAdd(name, ReadTensor(ref reader, name, at, file, LengthBytes + json.Length)))
                {
                    throw new SafetensorsException("the header names it twice", file, name, at);
                }
            }

            while (reader.Read())
            {
                // Only white space may follow the object; anything else makes the reader throw.
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SafetensorsException($"the header is no valid JSON: {e.Message}", file, offset: LengthBytes + reader.BytesConsumed, inner: e);
        }

        RequireGapless(tensors.Values, file, LengthBytes + json.Length, fileLength);
        return new SafetensorsHeader(tensors.ToImmutable(), metadata.ToImmutable());
    }

    /// <summary>
    /// Lays tensors out one after another in ordinal order of their names and writes the head: length, compact JSON, spaces up to a
    /// multiple of 8 bytes. The same tensors and metadata give the same bytes.
    /// </summary>
    internal static byte[] Write(IEnumerable<(string Name, DType Type, ImmutableArray<long> Shape, long Length)> sorted, IReadOnlyDictionary<string, string> metadata)
    {
        using var bytes = new MemoryStream();
        bytes.Write(stackalloc byte[LengthBytes]);
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long start = 0;
            foreach (var (name, type, shape, length) in sorted)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type.Name());
                json.WriteStartArray("shape");
                foreach (long size in shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(start);
                json.WriteNumberValue(start += length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (bytes.Length % 8 != 0)
            bytes.WriteByte((byte)' ');
        byte[] head = bytes.ToArray();
        BitConverter.TryWriteBytes(head, (ulong)(head.Length - LengthBytes));
        return head;
    }

    /// <summary>Bytes of a tensor of this type and shape.</summary>
    /// <exception cref="OverflowException">More than a file can hold.</exception>
    internal static long LengthOf(DType type, ReadOnlySpan<long> shape)
    {
        long length = type.Width();
        foreach (long size in shape)
            length = checked(length * size);
        return length;
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, ImmutableSortedDictionary<string, string>.Builder metadata, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new SafetensorsException("__metadata__ is not an object of texts", file, offset: LengthBytes + reader.TokenStartIndex);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            long at = LengthBytes + reader.TokenStartIndex;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || !metadata.TryAdd(key, reader.GetString()!))
                throw new SafetensorsException($"__metadata__ '{key}' is not one text", file, offset: at);
        }
    }

    private static TensorInfo ReadTensor(ref Utf8JsonReader reader, string name, long at, string file, long dataStart)
    {
        string? dtype = null;
        ImmutableArray<long> shape = default, range = default;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new SafetensorsException("its entry is not an object", file, name, at);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            at = LengthBytes + reader.TokenStartIndex;
            reader.Read();
            bool first = key switch { "dtype" => dtype is null, "shape" => shape.IsDefault, "data_offsets" => range.IsDefault, _ => false };
            if (!first)
                throw new SafetensorsException($"unknown or repeated key '{key}'", file, name, at);
            if (key == "dtype" && reader.TokenType == JsonTokenType.String)
                dtype = reader.GetString();
            else if (key == "shape")
                shape = ReadSizes(ref reader, key, name, file);
            else if (key == "data_offsets")
                range = ReadSizes(ref reader, key, name, file);
        }

        if (dtype is null || shape.IsDefault || range is not { IsDefault: false, Length: 2 })
            throw new SafetensorsException("it needs a dtype, a shape and two data_offsets", file, name, at);
        if (!DTypes.TryParse(dtype, out var type))
            throw new SafetensorsException($"unknown dtype '{dtype}'; known are {string.Join(", ", Enum.GetValues<DType>().Select(t => t.Name()))}", file, name, at);
        long length;
        try
        {
            length = LengthOf(type, shape.AsSpan());
        }
        catch (OverflowException e)
        {
            throw new SafetensorsException($"its shape [{string.Join(", ", shape)}] is larger than any file", file, name, at, e);
        }

        if (range[1] < range[0] || range[1] - range[0] != length || range[1] > long.MaxValue - dataStart)
        {
            throw new SafetensorsException(
                $"data_offsets [{range[0]}, {range[1]}] do not span the {length} bytes of {dtype} [{string.Join(", ", shape)}]", file, name, at);
        }

        return new TensorInfo(name, type, shape, dataStart + range[0], length);
    }

    private static ImmutableArray<long> ReadSizes(ref Utf8JsonReader reader, string key, string name, string file)
    {
        var sizes = ImmutableArray.CreateBuilder<long>();
        long at = LengthBytes + reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new SafetensorsException($"{key} is not an array", file, name, at);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long size) || size < 0)
                throw new SafetensorsException($"{key} holds something other than whole numbers from 0", file, name, LengthBytes + reader.TokenStartIndex);
            sizes.Add(size);
        }

        return sizes.ToImmutable();
    }

    private static void RequireGapless(IEnumerable<TensorInfo> tensors, string file, long dataStart, long? fileLength)
    {
        long end = dataStart;
        foreach (var tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.Length))
        {
            if (tensor.Offset < end)
                throw new SafetensorsException($"it overlaps the tensor before it, which ends at byte {end}", file, tensor.Name, tensor.Offset);
            if (tensor.Offset > end)
                throw new SafetensorsException($"there is a hole before it, from byte {end}", file, tensor.Name, tensor.Offset);
            end = tensor.Offset + tensor.Length;
            if (end > fileLength)
                throw new SafetensorsException($"the file is truncated: it has {fileLength} bytes, this tensor ends at {end}", file, tensor.Name, tensor.Offset);
        }

        if (fileLength is not null && end != fileLength)
            throw new SafetensorsException($"{fileLength - end} bytes follow the last tensor and belong to none", file, offset: end);
    }
}
