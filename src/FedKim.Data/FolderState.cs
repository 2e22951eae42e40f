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

    /// <summary>The state of what <see cref="DataSet.Read(TaskSource, string)"/> would read.</summary>
    /// <exception cref="DataException">What was dealt cannot be used.</exception>
    public static string Of(TaskSource source, string folder)
    {
        string? path = Directory.Exists(SiteFile.Inside(folder, source.Path)) ? SiteFile.Inside(folder, source.Path)
            : Directory.Exists(folder) && DealtData.Find(source, folder) is { } dealt ? SiteFile.Inside(dealt.Folder, source.Path) : null;
        using var state = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (DealtData.Lies(folder)) Add(new FileInfo(Path.Combine(folder, DealtData.FileName)));
        if (path is not null && Directory.Exists(path))
        {
            foreach (var file in new DirectoryInfo(path).EnumerateFiles("*", Everything).OrderBy(f => f.FullName, StringComparer.Ordinal)) Add(file);
        }

        return Convert.ToHexString(state.GetHashAndReset());

        void Add(FileInfo file) => state.AppendData(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{file.FullName}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}\n")));
    }
}
