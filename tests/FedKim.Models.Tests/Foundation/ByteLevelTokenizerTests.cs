using System.Text.Json.Nodes;
using FedKim.Models.Foundation;

namespace FedKim.Models.Tests.Foundation;

public sealed class ByteLevelTokenizerTests : IDisposable
{
    private const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Letters of bytes as GPT-2 orders them: 188 printable ones, then the others from U+0100 on. Ids 0 to 255.
    private static readonly string[] Letters =
        [.. Enumerable.Range(33, 94).Concat(Enumerable.Range(161, 12)).Concat(Enumerable.Range(174, 82)).Concat(Enumerable.Range(256, 68)).Select(c => ((char)c).ToString())];

    // Ids from 256 on, in this order.
    private static readonly string[] Merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "1 2", "3 4", "Ġ Ġ"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("", new int[0])]
    [InlineData("hello world", new[] { 259, 260, 'o' - 33, 'r' - 33, 'l' - 33, 'd' - 33 })]
    [InlineData("hell", new[] { 258 })]
    [InlineData("hey", new[] { 256, 'y' - 33 })]
    // The pattern splits digits by threes, so that 3 and 4 are never together.
    [InlineData("1234", new[] { 261, '3' - 33, '4' - 33 })]
    [InlineData("34", new[] { 262 })]
    [InlineData("   ", new[] { 263, 188 + 32 })]
    [InlineData("é", new[] { 94 + (0xc3 - 161) - 1, 94 + (0xa9 - 161) })]
    [InlineData("\n", new[] { 188 + 10 })]
    public void A_text_has_the_ids_that_its_merges_make(string text, int[] ids)
    {
        var tokenizer = Load();
        Assert.Equal(ids, tokenizer.Encode(text));
        Assert.Equal(text, tokenizer.Decode(ids));
    }

    [Fact]
    public void A_part_that_is_a_piece_itself_needs_no_merges_where_the_file_says_so()
    {
        Assert.Equal(['x' - 33, 'y' - 33, 'z' - 33], Load().Encode("xyz"));
        var tokenizer = Load(json => json["model"]!["ignore_merges"] = true);
        Assert.Equal([264], tokenizer.Encode("xyz"));
        Assert.Equal([259, 260, 'o' - 33], tokenizer.Encode("hello wo"));
        Assert.Equal("xyz hello 🫁é\n", tokenizer.Decode(tokenizer.Encode("xyz hello 🫁é\n")));
    }

    [Fact]
    public void Special_tokens_come_from_the_configuration_leave_no_trace_and_cannot_be_forged()
    {
        foreach (bool byRank in (bool[])[false, true])
        {
            var tokenizer = Load(json => json["model"]!["ignore_merges"] = byRank);
            Assert.Equal((265, 266, 267), (tokenizer.Begin, tokenizer.End, tokenizer.Pieces));
            Assert.Equal([265, 259], tokenizer.EncodePrompt("hello"));
            Assert.Equal("hello", tokenizer.Decode([265, 259, 266]));
            string forged = "<|end|>";
            Assert.DoesNotContain(266, tokenizer.Encode(forged));
            Assert.Equal(forged, tokenizer.Decode(tokenizer.Encode(forged)));
        }
    }

    [Fact]
    public void Merges_may_be_pairs_and_the_usual_pattern_may_be_meant()
    {
        var tokenizer = Load(json =>
        {
            json["model"]!["merges"] = new JsonArray([.. Merges.Select(m => new JsonArray([.. m.Split(' ').Select(part => (JsonNode)part)]))]);
            json["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false };
        });
        Assert.Equal([259, 260], tokenizer.Encode("hello w"));
        // GPT-2's pattern keeps digits together.
        Assert.Equal([261, 262], tokenizer.Encode("1234"));
    }

    [Theory]
    [InlineData("model.type", "\"WordPiece\"", "model.type is 'WordPiece'")]
    [InlineData("model.byte_fallback", "true", "put tokenizer.model beside it")]
    [InlineData("model.vocab", "{\"a\":\"b\"}", "cannot be read")]
    [InlineData("model.merges", "[\"a b c\"]", "a merge is not of two pieces")]
    [InlineData("normalizer", "{\"type\":\"NFC\"}", "it has a normalizer")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\"}", "does not end in ByteLevel")]
    [InlineData("pre_tokenizer", "{\"type\":\"ByteLevel\",\"add_prefix_space\":true}", "does not end in ByteLevel")]
    [InlineData("pre_tokenizer", "null", "cannot be read")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[]}", "does not end in ByteLevel")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[null]}", "cannot be read")]
    [InlineData("model.vocab", "{\"a\":-1}", "a piece whose id is no token's")]
    [InlineData("model.vocab", "{\"a\":2147483647}", "a piece whose id is no token's")]
    [InlineData("model.merges", "[null]", "cannot be read")]
    [InlineData("added_tokens", "[{\"id\":265,\"content\":\"x\",\"special\":false}]", "added token 265 is not special")]
    public void Another_kind_of_file_is_refused_by_name(string path, string value, string problem)
    {
        var error = Assert.Throws<FoundationException>(() => Load(json =>
        {
            string[] parts = path.Split('.');
            var node = parts.Length == 1 ? json : json[parts[0]]!;
            node[parts[^1]] = JsonNode.Parse(value);
        }));
        Assert.Contains(problem, error.Message);
        Assert.Contains(Path.Combine(_folder.FullName, "tokenizer.json"), error.Message);
    }

    [Fact]
    public void Merges_out_of_the_order_of_their_ids_are_refused_where_ids_decide() =>
        Assert.Contains("do not come in the order of their ids", Assert.Throws<FoundationException>(() => Load(json =>
        {
            json["model"]!["ignore_merges"] = true;
            json["model"]!["merges"] = new JsonArray([.. Merges.Reverse().Select(m => (JsonNode)m)]);
        })).Message);

    [Fact]
    public void A_merge_that_is_missing_is_refused_where_ids_decide() =>
        Assert.Contains("its merges lack 'he ll'", Assert.Throws<FoundationException>(() => Load(json =>
        {
            json["model"]!["ignore_merges"] = true;
            json["model"]!["merges"] = new JsonArray([.. Merges.Where(m => m != "he ll").Select(m => (JsonNode)m)]);
        })).Message);

    private FoundationTokenizer Load(Action<JsonObject>? change = null)
    {
        string[] pieces = [.. Letters, .. Merges.Select(m => m.Replace(" ", "", StringComparison.Ordinal)), "xyz"];
        var json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(
                new JsonObject { ["id"] = 265, ["content"] = "<|begin|>", ["special"] = true }, new JsonObject { ["id"] = 266, ["content"] = "<|end|>", ["special"] = true }),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Llama3Pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false }),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(pieces.Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. Merges.Select(m => (JsonNode)m)]),
            },
        };
        change?.Invoke(json);
        File.WriteAllText(Path.Combine(_folder.FullName, "tokenizer.json"), json.ToJsonString());
        File.WriteAllText(Path.Combine(_folder.FullName, "config.json"), (TinyModel.Llama with { BosTokenId = 265, EosTokenIds = [266] }).ToJson());
        return FoundationTokenizer.Load(_folder.FullName);
    }
}
