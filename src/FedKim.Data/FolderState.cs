using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FedKim.Data.Dealing;
using FedKim.Data.Files;

namespace FedKim.Data;

/// <summary>Which files a task's data are in, how large and how old: equal while nobody has touched them. Opens none of them.</summary>
public static class FolderState
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    /// <summary>The state of what <see cref="DataSet.Read(TaskSource, string, string)"/> would read.</summary>
    /// <exception cref="DataException">What was dealt cannot be used.</exception>
    public static string Of(TaskSource source, string folder)
    {
        string? root = Directory.Exists(SiteFile.Inside(folder, source.Path)) ? folder
            : Directory.Exists(folder) && DealtData.Find(source, folder) is { } dealt ? dealt.Folder : null;
        using var state = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (DealtData.Lies(folder))
            Add(new FileInfo(Path.Combine(folder, DealtData.FileName)));
        foreach (string path in root is null ? [] : source.Folders.Select(name => SiteFile.Inside(root, name)).Where(Directory.Exists))
        {
            foreach (var file in new DirectoryInfo(path).EnumerateFiles("*", Everything).OrderBy(f => f.FullName, StringComparer.Ordinal))
                Add(file);
        }

        return Convert.ToHexString(state.GetHashAndReset());

        void Add(FileInfo file)
        {
            var content = Content(file);
            state.AppendData(Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{file.FullName}\n{content.FullName}\n{content.Length}\n{content.LastWriteTimeUtc.Ticks}\n")));
        }
    }

    // A link's own length and time stay what they are, whatever becomes of the file it leads to. One that leads nowhere is its own content.
    private static FileInfo Content(FileInfo file)
    {
        try
        {
            return file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target ? target : file;
        }
        catch (IOException)
        {
            return file;
        }
    }
}
