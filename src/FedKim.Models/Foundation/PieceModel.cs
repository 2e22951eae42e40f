using Google.Protobuf;

namespace FedKim.Models.Foundation;

/// <summary>What a piece of a SentencePiece model is; the numbers are the format's.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    Byte = 6,
}

/// <summary>A piece of a SentencePiece model.</summary>
/// <param name="Text">Its text, with ▁ for a space.</param>
/// <param name="Score">Of two possible merges the one with the higher score comes first.</param>
/// <param name="Kind">What it is.</param>
internal sealed record Piece(string Text, float Score, PieceKind Kind);

/// <summary>Byte-pair pieces as a SentencePiece model (<c>sentencepiece_model.proto</c>), <c>tokenizer.model</c>.</summary>
internal static class PieceModel
{
    private const int PiecesField = 1, TrainerField = 2, NormalizerField = 3;

    // A code point that no text has.
    private const char Never = '\uffff';

    /// <summary>What stands for a space.</summary>
    public const char Space = '\u2581';

    /// <summary>The unknown piece, the one that begins a text and the one that ends it: ids 0, 1 and 2.</summary>
    public static readonly Piece Unknown = new("<unk>", 0, PieceKind.Unknown), Begin = new("<s>", 0, PieceKind.Control), End = new("</s>", 0, PieceKind.Control);

    /// <summary>The piece that stands for a byte.</summary>
    public static Piece OfByte(int value) => new($"<0x{value:X2}>", 0, PieceKind.Byte);

    /// <summary>The model's bytes. Texts are taken as they are but for a space before them, and spaces become ▁.</summary>
    /// <param name="pieces">The pieces by id, the first three being <see cref="Unknown"/>, <see cref="Begin"/> and <see cref="End"/>.</param>
    public static byte[] Write(IReadOnlyList<Piece> pieces)
    {
        using var memory = new MemoryStream();
        using var output = new CodedOutputStream(memory);
        foreach (var piece in pieces)
            Add(output, piece);

        Nested(output, TrainerField, o =>
        {
            // model_type BPE, vocab_size, byte_fallback; then ids and names of unknown, begin, end, and no padding.
            Number(o, 3, 2);
            Number(o, 4, pieces.Count);
            Number(o, 35, 1);
            Number(o, 40, 0);
            Number(o, 41, 1);
            Number(o, 42, 2);
            Number(o, 43, -1);
            Text(o, 45, Unknown.Text);
            Text(o, 46, Begin.Text);
            Text(o, 47, End.Text);
        });
        Nested(output, NormalizerField, o =>
        {
            // add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces.
            Text(o, 1, "identity");
            Number(o, 3, 1);
            Number(o, 4, 0);
            Number(o, 5, 1);
        });
        output.Flush();
        return memory.ToArray();
    }

    /// <summary>
    /// The same model, whose control pieces no text contains. SentencePiece makes none out of a text; the reader in use does, where merges spell
    /// one, and so a prompt that quotes <c>&lt;s&gt;</c> would begin anew.
    /// </summary>
    /// <exception cref="InvalidProtocolBufferException">It is no SentencePiece model.</exception>
    /// <exception cref="FormatException">It lacks what every SentencePiece model has.</exception>
    public static byte[] WithControlsApart(byte[] model)
    {
        using var memory = new MemoryStream();
        using var output = new CodedOutputStream(memory);
        using var input = new CodedInputStream(model);
        HashSet<int> fields = [];
        while (input.ReadTag() is not 0 and var tag)
        {
            if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
                continue;
            }

            var bytes = input.ReadBytes();
            fields.Add(WireFormat.GetTagFieldNumber(tag));
            if (tag == WireFormat.MakeTag(PiecesField, WireFormat.WireType.LengthDelimited) && Read(bytes) is { Kind: PieceKind.Control } control)
            {
                Add(output, control with { Text = Never + control.Text });
            }
            else
            {
                output.WriteTag(tag);
                output.WriteBytes(bytes);
            }
        }

        if (!fields.IsSupersetOf([PiecesField, TrainerField, NormalizerField]))
            throw new FormatException("it has no pieces, no trainer_spec or no normalizer_spec");
        output.Flush();
        return memory.ToArray();
    }

    private static Piece Read(ByteString bytes)
    {
        var piece = new Piece("", 0, PieceKind.Normal);
        using var input = bytes.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (1, WireFormat.WireType.LengthDelimited):
                    piece = piece with { Text = input.ReadString() };
                    break;
                case (2, WireFormat.WireType.Fixed32):
                    piece = piece with { Score = input.ReadFloat() };
                    break;
                case (3, WireFormat.WireType.Varint):
                    piece = piece with { Kind = (PieceKind)input.ReadInt32() };
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return piece;
    }

    private static void Add(CodedOutputStream output, Piece piece) => Nested(output, PiecesField, o =>
    {
        Text(o, 1, piece.Text);
        o.WriteTag(2, WireFormat.WireType.Fixed32);
        o.WriteFloat(piece.Score);
        Number(o, 3, (int)piece.Kind);
    });

    private static void Nested(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using var inner = new CodedOutputStream(memory);
        write(inner);
        inner.Flush();
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(memory.ToArray()));
    }

    private static void Text(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void Number(CodedOutputStream output, int field, int number)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(number);
    }
}
