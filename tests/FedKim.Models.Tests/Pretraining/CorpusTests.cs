using System.IO.Compression;
using System.Text;
using FedKim.Data;
using FedKim.Models.Pretraining;
using FedKim.Parameters;

namespace FedKim.Models.Tests.Pretraining;

public sealed class CorpusTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-corpus-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_folder_gives_the_texts_of_its_files_in_the_order_of_their_names()
    {
        Write("a.txt", "\ufeffOne text\r\nof two  lines.\r\n\r\n\nAnother\tone.");
        Write("b.jsonl", """
            {"id": 7, "question": "What is it ?", "answer": "Nothing\nmuch."}

            {"text": "A remark."}
            """);
        Write("B.jsonl.gz", """{"text": "Zipped."}""");
        Write("notes.md", "No text of the corpus.");
        Write("below/c.txt", "Neither is this.");

        var corpus = Corpus.Read(_folder.FullName);

        Assert.Equal(["Zipped.", "One text of two lines.", "Another one.", "What is it ? Nothing much.", "A remark."], corpus.Texts);
        Assert.Equal([("B.jsonl.gz", 1), ("a.txt", 2), ("b.jsonl", 2)], corpus.Files.Select(file => (file.Name, file.Texts)));
        Assert.All(corpus.Files, file => Assert.Equal((Digests.OfFile(PathOf(file.Name)), new FileInfo(PathOf(file.Name)).Length), (file.Digest, file.Bytes)));
    }

    [Fact]
    public void A_single_file_is_a_corpus() =>
        Assert.Equal(["Alone."], Corpus.Read(Write("alone.txt", "Alone.")).Texts);

    [Theory]
    [InlineData("""{"question": "And?"}""", "has neither question and answer nor text")]
    [InlineData("""["text"]""", "is no JSON object but Array")]
    [InlineData("{", "is no JSON object.")]
    [InlineData("""{"text": 5}""", "text is Number and no text")]
    [InlineData("""{"question": null, "answer": "a", "text": "t"}""", "question is Null and no text")]
    [InlineData("""{"text": "\ud800"}""", "is no JSON object.")]
    [InlineData("""{"text": "a", "text": "b"}""", "is no JSON object.")]
    [InlineData("a text", "is no JSON object.")]
    public void A_line_that_is_no_text_is_named_by_file_and_line(string line, string problem)
    {
        string file = Write("a.jsonl", $$"""{"text": "Fine."}{{'\n'}}{{line}}{{'\n'}}""");

        Assert.StartsWith($"{file}:2: {problem}", Assert.Throws<DataException>(() => Corpus.Read(file)).Message);
    }

    [Fact]
    public void A_line_in_another_encoding_is_named_by_file_and_line()
    {
        string file = PathOf("a.txt");
        File.WriteAllBytes(file, [.. "Fine.\nGrün\nand M"u8, 0xfc, .. "ller"u8]);

        Assert.StartsWith($"{file}:3: is not in UTF-8", Assert.Throws<DataException>(() => Corpus.Read(file)).Message);
    }

    [Fact]
    public void A_line_without_end_is_refused_before_it_fills_the_memory()
    {
        string file = Write("long.jsonl.gz", $"{{}}\n{new string(' ', 17 << 20)}");

        Assert.StartsWith($"{file}:1: has neither", Assert.Throws<DataException>(() => Corpus.Read(file)).Message);
        file = Write("longer.jsonl.gz", $"\n{new string(' ', 17 << 20)}");
        Assert.StartsWith($"{file}:2: is longer than 16 MiB", Assert.Throws<DataException>(() => Corpus.Read(file)).Message);
    }

    [Fact]
    public void A_file_that_is_not_compressed_as_its_name_says_is_named()
    {
        string file = PathOf("a.jsonl.gz");
        File.WriteAllText(file, """{"text": "Plain."}""");

        Assert.StartsWith($"{file}: cannot be read", Assert.Throws<DataException>(() => Corpus.Read(file)).Message);
    }

    [Theory]
    [InlineData("nowhere", "is not there")]
    [InlineData("", "has no file whose name ends in .txt, .jsonl, .jsonl.gz")]
    [InlineData("notes.md", "is no file of texts")]
    [InlineData("empty.txt", "has no text at all")]
    public void What_is_no_corpus_is_told(string name, string problem)
    {
        if (name.Length > 0 && name != "nowhere")
            Write(name, " \n\n");

        Assert.StartsWith($"{PathOf(name)}: {problem}", Assert.Throws<DataException>(() => Corpus.Read(PathOf(name))).Message);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, string text)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = File.Create(path);
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }
}
