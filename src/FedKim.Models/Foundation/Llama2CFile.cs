using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using FedKim.Parameters;

namespace FedKim.Models.Foundation;

/// <summary>
/// A model of Karpathy's llama2.c (its first format: seven 32-bit numbers, then all weights as 32-bit floats) as a Llama in the Hugging Face
/// layout: names as there, and the rows of queries and keys in the order of a rotation in halves, where llama2.c turns neighbours.
/// </summary>
/// <remarks>Bytes come from the file on demand. Safe for concurrent readers.</remarks>
internal sealed class Llama2CFile : ITensorFile
{
    private const int HeaderBytes = 7 * sizeof(int), SpecialPieces = 3;

    // llama2.c's own constants.
    private const double NormEpsilon = 1e-5, RotaryBase = 10000;

    private readonly PlainBytes _bytes;
    private readonly HashSet<string> _rotated = new(StringComparer.Ordinal);

    private Llama2CFile(PlainBytes bytes, FoundationConfig config)
    {
        (_bytes, Config) = (bytes, config);
        (Tensors, long length) = Lay(config);
        if (length != bytes.Length)
            throw new FoundationException($"{bytes.FilePath} is no model of llama2.c: its header makes {length} bytes, the file has {bytes.Length}.");
    }

    /// <summary>The model's sizes, as its header says them.</summary>
    public FoundationConfig Config { get; }

    /// <inheritdoc/>
    public string FilePath => _bytes.FilePath;

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The model in a folder without <c>config.json</c>: a <c>.bin</c> beside its tokenizer <c>tok*.bin</c>; null when there are no such files.</summary>
    /// <exception cref="FoundationException">There are several, or one is missing.</exception>
    public static (string Model, string Tokenizer)? Find(string folder)
    {
        string[] files = Directory.Exists(folder) && !File.Exists(Path.Combine(folder, "config.json")) ? Directory.GetFiles(folder, "*.bin") : [];
        string[] tokenizers = [.. files.Where(f => Path.GetFileName(f).StartsWith("tok", StringComparison.Ordinal))], models = [.. files.Except(tokenizers)];
        if (tokenizers.Length == 0)
            return null;
        return (models, tokenizers) is ([var model], [var tokenizer])
            ? (model, tokenizer)
            : throw new FoundationException($"{folder} holds {models.Length} models and {tokenizers.Length} tokenizers of llama2.c; a model NAME.bin and its tok*.bin are expected, one each, and no other .bin.");
    }

    /// <summary>Opens a model.</summary>
    /// <exception cref="FoundationException">Its header and its length do not agree.</exception>
    public static Llama2CFile Open(string path)
    {
        var bytes = PlainBytes.Open(path);
        try
        {
            byte[] header = new byte[HeaderBytes];
            if (!bytes.ReadFully(header, 0))
                throw new FoundationException($"{path} is no model of llama2.c: it has {bytes.Length} bytes, too few for a header.");
            int[] sizes = [.. Enumerable.Range(0, 7).Select(i => BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(i * sizeof(int))))];
            var config = new FoundationConfig
            {
                Architectures = ["LlamaForCausalLM"],
                ModelType = "llama",
                HiddenSize = sizes[0],
                IntermediateSize = sizes[1],
                NumHiddenLayers = sizes[2],
                NumAttentionHeads = sizes[3],
                NumKeyValueHeads = sizes[4],
                // Negative where the head is not the embeddings.
                VocabSize = sizes[5] == int.MinValue ? 0 : Math.Abs(sizes[5]),
                TieWordEmbeddings = sizes[5] > 0,
                MaxPositionEmbeddings = sizes[6],
                RmsNormEps = NormEpsilon,
                RopeTheta = RotaryBase,
            };
            config.Check($"{path}, read as a model of llama2.c");
            return new Llama2CFile(bytes, config);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>A tokenizer of llama2.c as a SentencePiece model.</summary>
    /// <param name="path">The length of the longest piece, then for each its score, its length and its text.</param>
    /// <param name="pieces">How many the model has.</param>
    /// <returns>The bytes of <c>tokenizer.model</c>.</returns>
    /// <exception cref="FoundationException">The file holds more, fewer, or other pieces.</exception>
    public static byte[] ReadTokenizer(string path, int pieces)
    {
        const int MostBytes = 64 << 20;
        if (new FileInfo(path).Length > MostBytes)
            throw new FoundationException($"{path} is no tokenizer of llama2.c: it has more than {MostBytes} bytes.");
        byte[] bytes = File.ReadAllBytes(path);
        int at = sizeof(int);
        FoundationException Fault(int piece, string what) => new($"{path} is no tokenizer of llama2.c for this model: piece {piece} of {pieces} {what}, at byte {at}.");

        List<Piece> read = [PieceModel.Unknown, PieceModel.Begin, PieceModel.End];
        for (int id = 0; id < pieces; id++)
        {
            if (at + 8 > bytes.Length)
                throw Fault(id, "is missing");
            float score = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
            if (length < 0 || length > bytes.Length - at - 8 || !float.IsFinite(score))
                throw Fault(id, "leaves the file or has no finite score");
            string text = Encoding.UTF8.GetString(bytes.AsSpan(at + 8, length)).Replace(' ', PieceModel.Space);
            // Pieces for bytes follow those for unknown, begin and end.
            int value = id - SpecialPieces;
            if (value is >= 0 and < 256 && text != PieceModel.OfByte(value).Text)
                throw Fault(id, $"is not {PieceModel.OfByte(value).Text}");
            if (value >= 256)
                read.Add(new Piece(text, score, PieceKind.Normal));
            else if (value >= 0)
                read.Add(PieceModel.OfByte(value));
            at += 8 + length;
        }

        return at == bytes.Length ? PieceModel.Write(read) : throw Fault(pieces, "follows the last one");
    }

    /// <inheritdoc/>
    /// <exception cref="FoundationException">The range leaves the tensor, or the file was cut after it was opened.</exception>
    public void Read(TensorInfo tensor, long start, Span<byte> target)
    {
        if (start < 0 || start + target.Length > tensor.Length)
            throw new FoundationException($"{FilePath}: bytes {start} to {start + target.Length} are not among the {tensor.Length} of '{tensor.Name}'.");
        // Rows that are not moved are read in one piece.
        long row = _rotated.Contains(tensor.Name) ? tensor.Length / tensor.Shape[0] : tensor.Length;
        while (!target.IsEmpty)
        {
            long within = start % row;
            int count = (int)Math.Min(target.Length, row - within);
            long from = row == tensor.Length ? start : (Turned(start / row) * row) + within;
            if (!_bytes.ReadFully(target[..count], tensor.Offset + from))
                throw new FoundationException($"{FilePath} was cut while it was read.");
            start += count;
            target = target[count..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();

    // In a head of llama2.c, rows 2i and 2i + 1 turn together; in halves, rows i and i + width/2 do.
    private long Turned(long row)
    {
        long width = Config.HeadSize, within = row % width, half = width / 2;
        return row - within + (within < half ? 2 * within : (2 * (within - half)) + 1);
    }

    // The file holds a kind of tensor for all layers before the next kind.
    private (ImmutableSortedDictionary<string, TensorInfo> Tensors, long Length) Lay(FoundationConfig config)
    {
        var shapes = config.Tensors().ToDictionary(t => t.Name, t => t.Shape, StringComparer.Ordinal);
        var layout = config.Layout;
        var tensors = ImmutableSortedDictionary.CreateBuilder<string, TensorInfo>(StringComparer.Ordinal);
        long offset = HeaderBytes;
        void Add(string name)
        {
            long length = shapes[name].Aggregate((long)sizeof(float), (product, size) => product * size);
            tensors.Add(name, new TensorInfo(name, DType.F32, [.. shapes[name]], offset, length));
            offset += length;
        }

        Add($"{layout.Embeddings}.weight");
        foreach (string kind in (string[])[layout.AttentionNorm, .. layout.Attention, layout.Output, layout.FeedForwardNorm, layout.Gate, layout.Down, layout.Up])
        {
            for (int i = 0; i < config.NumHiddenLayers; i++)
            {
                string name = $"{FoundationLayout.Layers}{i}.{kind}.weight";
                Add(name);
                if (kind == layout.Attention[0] || kind == layout.Attention[1])
                    _rotated.Add(name);
            }
        }

        Add($"{FoundationLayout.Norm}.weight");
        // Cosines and sines of the rotation, which follow from the header.
        offset += (long)config.MaxPositionEmbeddings * config.HeadSize * sizeof(float);
        if (!config.TieWordEmbeddings)
            Add($"{layout.Head}.weight");
        return (tensors.ToImmutable(), offset);
    }
}
