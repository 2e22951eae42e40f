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

/// <summary>Writes byte-pair pieces as a SentencePiece model (<c>sentencepiece_model.proto</c>), <c>tokenizer.model</c>.</summary>
internal static class PieceModel
{
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
        {
            Nested(output, 1, o =>
            {
                Text(o, 1, piece.Text);
                o.WriteTag(2, WireFormat.WireType.Fixed32);
                o.WriteFloat(piece.Score);
                Number(o, 3, (int)piece.Kind);
            });
        }

        Nested(output, 2, o =>
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
        Nested(output, 3, o =>
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
