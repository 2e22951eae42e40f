using Microsoft.ML.Tokenizers;

namespace FedKim.Models.Foundation;

/// <summary>A foundation model's tokenizer: the SentencePiece model <c>tokenizer.model</c> beside its weights.</summary>
public sealed class FoundationTokenizer
{
    private readonly SentencePieceTokenizer _pieces;
    private readonly HashSet<int> _special;

    private FoundationTokenizer(SentencePieceTokenizer pieces)
    {
        _pieces = pieces;
        _special = [pieces.BeginningOfSentenceId, pieces.EndOfSentenceId, pieces.UnknownId, .. pieces.SpecialTokens?.Values ?? []];
    }

    /// <summary>Id that begins a prompt.</summary>
    public int Begin => _pieces.BeginningOfSentenceId;

    /// <summary>Id that ends an answer.</summary>
    public int End => _pieces.EndOfSentenceId;

    /// <summary>Number of pieces.</summary>
    public int Pieces => _pieces.Vocabulary.Count;

    /// <summary>Loads the tokenizer of a model's folder.</summary>
    /// <param name="folder">Holds <c>tokenizer.model</c>.</param>
    /// <param name="specialTokens">Texts that stand for one id each, e.g. <c>&lt;|im_end|&gt;</c>; none when null.</param>
    /// <exception cref="FoundationException">The file is missing or no SentencePiece BPE model.</exception>
    public static FoundationTokenizer Load(string folder, IReadOnlyDictionary<string, int>? specialTokens = null)
    {
        string path = Path.Combine(folder, "tokenizer.model");
        try
        {
            using var stream = File.OpenRead(path);
            return new FoundationTokenizer(SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false, specialTokens));
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or Google.Protobuf.InvalidProtocolBufferException)
        {
            throw new FoundationException($"{path} cannot be read as a SentencePiece model: {e.Message}", e);
        }
    }

    /// <summary>A text's ids, without begin and end.</summary>
    public int[] Encode(string text) => [.. _pieces.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false)];

    /// <summary>A prompt's ids: begin, then the text.</summary>
    public int[] EncodePrompt(string text) => [Begin, .. Encode(text)];

    /// <summary>An answer's ids: the text, then end.</summary>
    public int[] EncodeAnswer(string text) => [.. Encode(text), End];

    /// <summary>The text of ids; begin, end, unknown and special tokens leave no trace.</summary>
    public string Decode(IEnumerable<int> ids) => _pieces.Decode(ids.Where(id => !_special.Contains(id)));
}
