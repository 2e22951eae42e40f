using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedKim.Parameters;
using Microsoft.ML.Tokenizers;

namespace FedKim.Models.Foundation;

/// <summary>
/// Reads a byte-level BPE from the <c>tokenizer.json</c> of Hugging Face's tokenizers, as Llama 3 and GPT-2 have it: a pattern splits the text, and
/// each part's UTF-8 bytes are merged. Whatever else such a file can ask for is refused by name.
/// </summary>
internal static class ByteLevelTokenizer
{
    // GPT-2's own pattern, which "use_regex" stands for.
    private const string UsualPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    // The file brings the pattern; a hostile one must not run for ever.
    private static readonly TimeSpan LongestSplit = TimeSpan.FromSeconds(10);

    /// <summary>Reads <paramref name="path"/>; <paramref name="config"/> says which ids begin and end a text.</summary>
    /// <exception cref="FoundationException">The file is malformed, or of a kind that is not understood here.</exception>
    public static FoundationTokenizer Read(string path, FoundationConfig config)
    {
        try
        {
            byte[] file = File.ReadAllBytes(path);
            if (StandIn.Of(file) is { } standIn)
                throw new FoundationException($"{path}: {standIn}.");
            using var json = JsonDocument.Parse(file);
            var (root, model) = (json.RootElement, json.RootElement.GetProperty("model"));
            Require(Text(model, "type") == "BPE", $"model.type is '{Text(model, "type")}'");
            Require(!Says(model, "byte_fallback"), "model.byte_fallback is true, which is SentencePiece's kind: put tokenizer.model beside it");
            Require(IsNull(root, "normalizer"), "it has a normalizer");
            var vocabulary = model.GetProperty("vocab").EnumerateObject().ToDictionary(piece => piece.Name, piece => piece.Value.GetInt32(), StringComparer.Ordinal);
            (string Left, string Right)[] merges = [.. model.GetProperty("merges").EnumerateArray().Select(Merge)];
            var special = AddedTokens(root);
            var split = new RegexPreTokenizer(new Regex(Pattern(root.GetProperty("pre_tokenizer")), RegexOptions.CultureInvariant, LongestSplit), null);
            Require(vocabulary.Values.Concat(special).All(id => id is >= 0 and < int.MaxValue), "it has a piece whose id is no token's");
            foreach (string added in vocabulary.Where(piece => special.Contains(piece.Value)).Select(piece => piece.Key).ToArray())
                vocabulary.Remove(added);
            int begin = config.BosTokenId ?? throw new FormatException("config.json has no bos_token_id");
            return new FoundationTokenizer(
                Says(model, "ignore_merges") ? ByRank(vocabulary, merges, split) : ByMerges(vocabulary, merges, split),
                begin, config.EosTokenIds[0], vocabulary.Values.Concat(special).Max() + 1, special);
        }
        // A decoder fed with garbage fails in many ways; all of them mean the same to the reader of the message.
        catch (Exception e) when (e is not FoundationException and not OutOfMemoryException)
        {
            throw new FoundationException($"{path} cannot be read as a byte-level BPE tokenizer: {e.Message}", e);
        }
    }

    private static BpeTokenizer ByMerges(Dictionary<string, int> vocabulary, (string Left, string Right)[] merges, PreTokenizer split) =>
        BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges.Select(m => $"{m.Left} {m.Right}"), PreTokenizer = split, ByteLevel = true });

    // Where merges are ignored for parts that are pieces themselves, the file was made from a tiktoken vocabulary: the lower id merges first.
    private static TiktokenTokenizer ByRank(Dictionary<string, int> vocabulary, (string Left, string Right)[] merges, PreTokenizer split)
    {
        int last = -1;
        foreach (var (left, right) in merges)
        {
            Require(vocabulary.TryGetValue(left + right, out int id) && id >= last, "model.ignore_merges is true, but its merges do not come in the order of their ids");
            last = id;
        }

        // By rank any two neighbours merge that make a piece, so the file must list all of them.
        var listed = merges.ToHashSet();
        foreach (string piece in vocabulary.Keys)
        {
            for (int i = 1; i < piece.Length; i++)
            {
                Require(
                    listed.Contains((piece[..i], piece[i..])) || !vocabulary.ContainsKey(piece[..i]) || !vocabulary.ContainsKey(piece[i..]),
                    $"model.ignore_merges is true, but its merges lack '{piece[..i]} {piece[i..]}'");
            }
        }

        var bytes = ByteOfLetter();
        var ranks = new StringBuilder();
        foreach (var (piece, id) in vocabulary.OrderBy(v => v.Value))
        {
            Require(piece.All(bytes.ContainsKey), $"model.vocab holds piece {id}, which is not spelt in bytes");
            ranks.Append(Convert.ToBase64String([.. piece.Select(letter => bytes[letter])])).Append(' ').Append(id).Append('\n');
        }

        return TiktokenTokenizer.Create(new MemoryStream(Encoding.ASCII.GetBytes(ranks.ToString())), split, null);
    }

    private static string Pattern(JsonElement node)
    {
        JsonElement[] steps = Text(node, "type") == "Sequence" ? [.. node.GetProperty("pretokenizers").EnumerateArray()] : [node];
        Require(steps is [.., var last] && Text(last, "type") == "ByteLevel" && !Says(last, "add_prefix_space"), "pre_tokenizer does not end in ByteLevel without add_prefix_space");
        if (steps.Length == 1 && !(steps[0].TryGetProperty("use_regex", out var regex) && regex.ValueKind == JsonValueKind.False))
            return UsualPattern;
        Require(steps.Length == 2 && !(!steps[1].TryGetProperty("use_regex", out regex) || regex.ValueKind != JsonValueKind.False)
            && Text(steps[0], "type") == "Split" && Text(steps[0], "behavior") == "Isolated" && !Says(steps[0], "invert"), "pre_tokenizer is not one Split, Isolated, before ByteLevel");
        return Text(steps[0].GetProperty("pattern"), "Regex");
    }

    // Special tokens are never read from a text: a prompt cannot forge one. Others would have to be, and are refused.
    private static HashSet<int> AddedTokens(JsonElement root)
    {
        HashSet<int> ids = [];
        if (IsNull(root, "added_tokens"))
            return ids;
        foreach (var token in root.GetProperty("added_tokens").EnumerateArray())
        {
            ids.Add(token.GetProperty("id").GetInt32());
            Require(Says(token, "special"), $"added token {token.GetProperty("id").GetInt32()} is not special");
        }

        return ids;
    }

    private static (string, string) Merge(JsonElement merge)
    {
        string[] parts = merge.ValueKind == JsonValueKind.String ? merge.GetString()!.Split(' ') : [.. merge.EnumerateArray().Select(part => part.GetString()!)];
        return parts is [var left, var right] ? (left, right) : throw new FormatException("a merge is not of two pieces");
    }

    // GPT-2's letters for bytes: printable ones stand for themselves, the others for the letters from 256 on, in order.
    private static Dictionary<char, byte> ByteOfLetter()
    {
        int[] printable = [.. Enumerable.Range('!', '~' - '!' + 1), .. Enumerable.Range('¡', '¬' - '¡' + 1), .. Enumerable.Range('®', 'ÿ' - '®' + 1)];
        var letters = printable.ToDictionary(b => (char)b, b => (byte)b);
        foreach (int other in Enumerable.Range(0, 256).Except(printable))
            letters.Add((char)(256 + letters.Count - printable.Length), (byte)other);
        return letters;
    }

    private static string Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static bool Says(JsonElement node, string name) => node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static bool IsNull(JsonElement node, string name) => !node.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null;

    private static void Require(bool holds, string problem)
    {
        if (!holds)
            throw new FormatException(problem);
    }
}
