using System.Text.Json.Nodes;
using FedKim.Parameters;
using Microsoft.ML.Tokenizers;

namespace FedKim.Models.Foundation;

/// <summary>
/// A foundation model's tokenizer, beside its weights: the SentencePiece model <c>tokenizer.model</c>, or else the byte-level BPE
/// <c>tokenizer.json</c> that Llama 3 has (<see cref="ByteLevelTokenizer"/>).
/// </summary>
public sealed class FoundationTokenizer
{
    internal const string PieceFile = "tokenizer.model", JsonFile = "tokenizer.json", SettingsFile = "tokenizer_config.json";

    private readonly Tokenizer _tokenizer;
    private readonly HashSet<int> _special;

    internal FoundationTokenizer(Tokenizer tokenizer, int begin, int end, int pieces, IEnumerable<int> special)
    {
        (_tokenizer, Begin, End, Pieces) = (tokenizer, begin, end, pieces);
        _special = [begin, end, .. special];
    }

    /// <summary>Id that begins a prompt.</summary>
    public int Begin { get; }

    /// <summary>Id that ends an answer.</summary>
    public int End { get; }

    /// <summary>Number of pieces; ids are below it.</summary>
    public int Pieces { get; }

    /// <summary>Whether a folder holds a tokenizer.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, PieceFile)) || File.Exists(Path.Combine(folder, JsonFile));

    /// <summary>Loads the tokenizer of a model's folder.</summary>
    /// <param name="folder">Holds <c>tokenizer.model</c>, or <c>tokenizer.json</c> with <c>config.json</c>.</param>
    /// <exception cref="FoundationException">
    /// The files are missing, no SentencePiece BPE model, or a <c>tokenizer.json</c> of another kind; or texts begin and end otherwise than here.
    /// </exception>
    public static FoundationTokenizer Load(string folder)
    {
        string path = Path.Combine(folder, PieceFile), json = Path.Combine(folder, JsonFile);
        CheckSettings(Path.Combine(folder, SettingsFile));
        if (!IsIn(folder))
            throw new FoundationException($"{folder} holds no tokenizer: neither {PieceFile} nor {JsonFile}. Copy it there from where the model was published.");
        if (!File.Exists(path))
            return ByteLevelTokenizer.Read(json, FoundationConfig.Read(Path.Combine(folder, "config.json")));
        try
        {
            byte[] file = File.ReadAllBytes(path);
            if (StandIn.Of(file) is { } standIn)
                throw new FoundationException($"{path}: {standIn}.");
            using var stream = new MemoryStream(PieceModel.WithControlsApart(file));
            var pieces = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
            return new FoundationTokenizer(
                pieces, pieces.BeginningOfSentenceId, pieces.EndOfSentenceId, pieces.Vocabulary.Count, [pieces.UnknownId]);
        }
        // A decoder fed with garbage fails in many ways; all of them mean the same to the reader of the message.
        catch (Exception e) when (e is not FoundationException and not OutOfMemoryException)
        {
            throw new FoundationException($"{path} cannot be read as a SentencePiece model: {e.Message}", e);
        }
    }

    // A prompt here is its begin and its text, whatever the model was trained with.
    private static void CheckSettings(string path)
    {
        if (!File.Exists(path))
            return;
        try
        {
            var settings = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
            foreach (var (key, wanted) in new[] { ("add_bos_token", true), ("add_eos_token", false) })
            {
                if (settings[key] is { } said && said.GetValue<bool>() != wanted)
                    throw new FoundationException($"{path}: {key} is {said.ToJsonString()}, and here a prompt begins with the begin token and ends with its last word. Import a model that is meant so.");
            }
        }
        catch (Exception e) when (e is not FoundationException and not OutOfMemoryException)
        {
            throw new FoundationException($"{path} cannot be read as a tokenizer's settings: {e.Message}", e);
        }
    }

    /// <summary>A text's ids, without begin and end.</summary>
    public int[] Encode(string text) => [.. _tokenizer.EncodeToIds(text)];

    /// <summary>A prompt's ids: begin, then the text.</summary>
    public int[] EncodePrompt(string text) => [Begin, .. Encode(text)];

    /// <summary>An answer's ids: the text, then end.</summary>
    public int[] EncodeAnswer(string text) => [.. Encode(text), End];

    /// <summary>The text of ids; begin, end, unknown and special tokens leave no trace.</summary>
    public string Decode(IEnumerable<int> ids) => _tokenizer.Decode(ids.Where(id => !_special.Contains(id))) ?? "";
}
