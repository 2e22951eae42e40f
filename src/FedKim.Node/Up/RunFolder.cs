using FedKim.Node.Configuration;

namespace FedKim.Node.Up;

/// <summary>
/// The folder of one run: the federation as it was agreed, a file and a folder a node, the data if it was made for the run.
/// Without <c>--work</c> every run gets a new folder <c>work/NAME-001</c>, <c>-002</c>, …; with it, a run that lies in the folder is
/// taken up again where it stopped.
/// </summary>
/// <param name="Path">Full path.</param>
/// <param name="Resumed">Whether a run lies there.</param>
internal sealed record RunFolder(string Path, bool Resumed)
{
    /// <summary>The file name of the servers' journal.</summary>
    public const string Journal = "journal.db";

    /// <summary>The federation file of the run.</summary>
    public string Federation => System.IO.Path.Combine(Path, "federation.conf");

    /// <summary>The data, where it was made for the run.</summary>
    public string Data => System.IO.Path.Combine(Path, "data");

    /// <summary>The report.</summary>
    public string Report => System.IO.Path.Combine(Path, "report.json");

    /// <summary>The folder with a folder a site that the run read when it was last started; null for a new one.</summary>
    public string? DataUsed => File.Exists(NodeFile(SiteNames.Injector))
        ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(HoconFile.Read(NodeFile(SiteNames.Injector)).Section("fedkim").Text("data"), Path))
        : null;

    /// <summary>The servers that the run had when it was last started; 0 for a new one.</summary>
    public int Servers => Enumerable.Range(1, int.MaxValue).TakeWhile(number => File.Exists(NodeFile(SiteNames.NumberedServer(number)))).Count();

    /// <summary>A node's file.</summary>
    public string NodeFile(string site) => System.IO.Path.Combine(Path, $"{site}.conf");

    /// <summary>What a node printed.</summary>
    public string Output(string site) => System.IO.Path.Combine(Path, site, "log", "console.log");

    /// <summary>The folder asked for, or a new one below <paramref name="current"/>.</summary>
    /// <param name="work">The option <c>--work</c>.</param>
    /// <param name="name">The federation's name, for a new folder.</param>
    /// <param name="current">The current folder.</param>
    /// <exception cref="InvalidConfigurationException">Something else lies in the folder, or it cannot be made.</exception>
    public static RunFolder Open(string? work, string name, string current)
    {
        if (work is null)
        {
            string above = System.IO.Path.Combine(current, "work");
            return Make(Enumerable.Range(1, int.MaxValue)
                .Select(number => System.IO.Path.Combine(above, $"{name}-{number:000}"))
                .First(path => !Directory.Exists(path)), "work");
        }
        var folder = new RunFolder(System.IO.Path.GetFullPath(work, current), Resumed: true);
        if (File.Exists(folder.Federation))
            return folder;
        if (Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any())
        {
            throw new InvalidConfigurationException(
                [$"--work {work}: the folder holds something that is no run of FedKim. Name an empty or a new folder."]);
        }
        return Make(folder.Path, $"--work {work}");
    }

    private static RunFolder Make(string path, string asked)
    {
        try
        {
            Directory.CreateDirectory(path);
            return new RunFolder(path, Resumed: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException([$"{asked}: the folder cannot be made: {e.Message} Name another with --work."]);
        }
    }
}
