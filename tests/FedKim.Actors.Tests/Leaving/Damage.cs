using System.Text;
using System.Text.RegularExpressions;

namespace FedKim.Actors.Tests.Leaving;

/// <summary>All that can be wrong with a data set, one fault at a time and each with a mark in it.</summary>
internal static partial class Damage
{
    private const string Cell = MarkedData.Mark + " Doe";
    private const int MostCells = 12, MostLines = 3;

    private static readonly string[] Texts = [".csv", ".json", ".txt", ".hea"];

    /// <summary>Each fault in words, and how it is done to the folder with the data.</summary>
    public static IEnumerable<(string What, Action<string> Do)> Of(string folder)
    {
        // Of many files of a kind the first stands for all.
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .GroupBy(file => (Depth: file.Split('/').Length, Kind: Path.GetExtension(file), Name: Path.GetExtension(file) is ".png" or ".jpg" or ".hea" or ".dat" ? "" : file))
            .Select(kind => Path.GetRelativePath(folder, kind.First()))];
        foreach (string file in files)
        {
            yield return ($"{file} is missing", at => File.Delete(Path.Combine(at, file)));
            yield return ($"{file} is empty", at => File.WriteAllText(Path.Combine(at, file), ""));
            yield return ($"{file} is cut", at => Change(at, file, bytes => bytes[..(bytes.Length / 2)]));
            yield return ($"{file} holds a name", at => File.WriteAllText(Path.Combine(at, file), Cell));
            yield return ($"{file} has another name", at => File.Move(Path.Combine(at, file), Path.Combine(at, Path.GetDirectoryName(file)!, Cell)));
            yield return ($"{file} has another ending", at => File.Move(Path.Combine(at, file), Path.Combine(at, Path.ChangeExtension(file, ".dcm"))));
            yield return ($"{file} leads elsewhere", at =>
            {
                File.Delete(Path.Combine(at, file));
                File.CreateSymbolicLink(Path.Combine(at, file), $"/etc/{Cell}");
            }
            );
            yield return ($"{file} is a folder", at =>
            {
                File.Delete(Path.Combine(at, file));
                Directory.CreateDirectory(Path.Combine(at, file, Cell));
            }
            );
            foreach (string word in (string[])["stay_id", "mimic", "train_", "fortran"])
                yield return ($"{file} says {word} otherwise", at => Change(at, file, bytes => Other(bytes, word)));
            if (!Texts.Contains(Path.GetExtension(file)))
                continue;
            string text = File.ReadAllText(Path.Combine(folder, file));
            yield return ($"{file} is in another encoding", at => File.WriteAllBytes(Path.Combine(at, file), [.. Encoding.Latin1.GetBytes(text + "é " + Cell)]));
            yield return ($"{file} has a line twice", at => File.WriteAllText(Path.Combine(at, file), text + text.Split('\n')[^2] + "\n"));
            yield return ($"{file} has a line too long", at => File.WriteAllText(Path.Combine(at, file), text + $"{Cell},{Cell},{Cell}\n"));
            foreach (var cell in Cells(text))
                yield return ($"{file}: '{cell.Value}' at {cell.Index} is a name", at => File.WriteAllText(Path.Combine(at, file), text[..cell.Index] + Cell + text[(cell.Index + cell.Length)..]));
        }

        yield return ("there is no folder", at => Directory.Delete(at, recursive: true));
    }

    private static IEnumerable<Match> Cells(string text)
    {
        int end = 0;
        for (int line = 0; line < MostLines && end >= 0 && end < text.Length; line++)
            end = text.IndexOf('\n', end + 1);
        return Word().Matches(text[..(end < 0 ? text.Length : end)]).Take(MostCells);
    }

    // Of the same length: it may stand in a table of places.
    private static byte[] Other(byte[] bytes, string word) => Encoding.Latin1.GetBytes(
        Encoding.Latin1.GetString(bytes).Replace(word, MarkedData.Mark.PadRight(word.Length, '_')[..word.Length], StringComparison.Ordinal));

    private static void Change(string at, string file, Func<byte[], byte[]> change) =>
        File.WriteAllBytes(Path.Combine(at, file), change(File.ReadAllBytes(Path.Combine(at, file))));

    // A cell of a list, a word of JSON or of a header.
    [GeneratedRegex("""[^,:\s"'{}\[\]]+""")]
    private static partial Regex Word();
}
