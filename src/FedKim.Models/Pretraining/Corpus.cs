using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using FedKim.Data;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Models.Pretraining;

/// <summary>A file of a corpus as it was read.</summary>
/// <param name="Name">Without its folder.</param>
/// <param name="Digest">Of the file as it lies there, compressed or not.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Texts">How many texts it gave.</param>
public sealed record CorpusFile(string Name, Digest Digest, long Bytes, int Texts);

/// <summary>
/// Texts that a foundation model is trained on. A <c>.txt</c> file's texts are parted by empty lines; a <c>.jsonl</c> or <c>.jsonl.gz</c> file has
/// one a line, as the <c>question</c> and <c>answer</c> of an object, or its <c>text</c>. All white space becomes single spaces.
/// </summary>
/// <param name="Files">The files, in ordinal order of their names.</param>
/// <param name="Texts">Their texts, in the files' order; none is empty.</param>
public sealed record Corpus(ImmutableArray<CorpusFile> Files, ImmutableArray<string> Texts)
{
    private const int LongestLine = 16 << 20, MostFiles = 10_000;
    private const long MostLetters = 256L << 20;

    private static readonly string[] Endings = [".txt", ".jsonl", ".jsonl.gz"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a corpus.</summary>
    /// <param name="path">A folder with such files, of which those right in it are read, or one such file.</param>
    /// <exception cref="DataException">There is none, or one cannot be read; the message names file and line.</exception>
    public static Corpus Read(string path)
    {
        string[] files = FilesOf(path);
        var read = ImmutableArray.CreateBuilder<CorpusFile>(files.Length);
        var texts = ImmutableArray.CreateBuilder<string>();
        long letters = 0;
        foreach (string file in files)
        {
            int before = texts.Count;
            try
            {
                foreach (string text in TextsOf(file))
                {
                    letters += text.Length;
                    if (letters > MostLetters)
                        throw new DataException(file, $"with it the texts have more than {MostLetters >> 20} million letters, which is more than is read here. Take fewer files, or a part of them.");
                    texts.Add(text);
                }

                read.Add(new CorpusFile(Path.GetFileName(file), Digests.OfFile(file), new FileInfo(file).Length, texts.Count - before));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                throw new DataException(file, $"cannot be read: {e.Message.TrimEnd('.')}. Mend the file, or take it out of the corpus.", e);
            }
        }

        return texts.Count > 0
            ? new Corpus(read.ToImmutable(), texts.ToImmutable())
            : throw new DataException(path, "has no text at all. Name another corpus.");
    }

    private static string[] FilesOf(string path)
    {
        if (File.Exists(path))
            return IsOne(path) ? [path] : throw new DataException(path, $"is no file of texts; their names end in {string.Join(", ", Endings)}.");
        if (!Directory.Exists(path))
            throw new DataException(path, "is not there. Name a folder, or a file, with the texts to train on.");
        try
        {
            string[] files = [.. Directory.EnumerateFiles(path).Where(IsOne).OrderBy(Path.GetFileName, StringComparer.Ordinal).Take(MostFiles + 1)];
            return files.Length switch
            {
                0 => throw new DataException(path, $"has no file whose name ends in {string.Join(", ", Endings)}. Put the texts there; folders below it are not looked into."),
                > MostFiles => throw new DataException(path, $"has more than {MostFiles} files. Put their texts into fewer."),
                _ => files,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be looked into: {e.Message}", e);
        }
    }

    private static bool IsOne(string path) => Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> TextsOf(string file)
    {
        bool plain = file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);
        var paragraph = new StringBuilder();
        foreach (var (number, line) in Lines(file))
        {
            string words = Plain(plain ? line : line.Trim().Length == 0 ? "" : OfObject($"{file}:{number}", line));
            if (!plain && words.Length > 0)
                yield return words;
            if (!plain)
                continue;
            if (words.Length > 0)
                paragraph.Append(paragraph.Length > 0 ? " " : "").Append(words);
            else if (paragraph.Length > 0)
                yield return Taken();
        }

        if (paragraph.Length > 0)
            yield return Taken();

        string Taken()
        {
            string text = paragraph.ToString();
            paragraph.Clear();
            return text;
        }
    }

    private static string OfObject(string place, string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new DataException(place, $"is no JSON object but {json.RootElement.ValueKind}; a line is an object with question and answer, or with text.");
            if (Property("question") is { } question && Property("answer") is { } answer)
                return $"{question} {answer}";
            return Property("text") ?? throw new DataException(place, "has neither question and answer nor text. Give it one of these, or take the line out.");

            string? Property(string name) => !json.RootElement.TryGetProperty(name, out var value) ? null
                : value.ValueKind == JsonValueKind.String ? value.GetString()
                : throw new DataException(place, $"{name} is {value.ValueKind} and no text. Write it in quotation marks, or take the line out.");
        }
        // Half of a sign that takes two escapes is no text, and is told by another exception than what is no JSON.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new DataException(place, "is no JSON object. A line is one object, such as {\"question\": \"…\", \"answer\": \"…\"}; mend the line or take it out.", e);
        }
    }

    // Signs that stand for nothing would be pieces of their own.
    private static string Plain(string text) => string.Join(
        ' ', new string([.. text.Select(c => char.IsControl(c) || c is '\uffff' or '\ufeff' ? ' ' : c)]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<(int Number, string Line)> Lines(string file)
    {
        using var raw = File.OpenRead(file);
        using Stream stream = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        byte[] buffer = new byte[1 << 16];
        var line = new ArrayBufferWriter<byte>();
        int number = 1, read;
        while ((read = stream.Read(buffer)) > 0)
        {
            int start = 0;
            while (Array.IndexOf(buffer, (byte)'\n', start, read - start) is >= 0 and int end)
            {
                line.Write(buffer.AsSpan(start, end - start));
                yield return (number++, Text());
                start = end + 1;
            }

            line.Write(buffer.AsSpan(start, read - start));
            if (line.WrittenCount > LongestLine)
                throw new DataException($"{file}:{number}", $"is longer than {LongestLine >> 20} MiB. Part it into several lines.");
        }

        if (line.WrittenCount > 0)
            yield return (number, Text());

        string Text()
        {
            try
            {
                return Strict.GetString(line.WrittenSpan);
            }
            catch (DecoderFallbackException e)
            {
                throw new DataException($"{file}:{number}", "is not in UTF-8. Convert the file, or mend the line.", e);
            }
            finally
            {
                line.ResetWrittenCount();
            }
        }
    }
}
