using System.Collections.Immutable;
using FedKim.Actors;
using FedKim.Configuration;
using FedKim.Launch.Machine;
using FedKim.Launch.Packages;
using FedKim.Launch.Supervision;
using FedKim.Models;
using FedKim.Rounds;

namespace FedKim.Launch;

/// <summary>
/// The folder of one run: the federation as it was agreed, a file and a folder a node, the data if it was made for the run.
/// Without <c>--work</c> every run gets a new folder <c>work/NAME-001</c>, <c>-002</c>, …; with it, a run that lies in the folder is
/// taken up again where it stopped.
/// </summary>
/// <param name="Path">Full path.</param>
/// <param name="Resumed">Whether a run lies there.</param>
public sealed record RunFolder(string Path, bool Resumed)
{
    /// <summary>The file name of the servers' journal.</summary>
    public const string Journal = "journal.db";

    private const string LockName = "up.lock";

    /// <summary>The federation file of the run.</summary>
    public string Federation => System.IO.Path.Combine(Path, "federation.conf");

    /// <summary>The data, where it was made for the run.</summary>
    public string Data => System.IO.Path.Combine(Path, "data");

    /// <summary>The report.</summary>
    public string Report => System.IO.Path.Combine(Path, Reports.Report.FileName);

    /// <summary>The folder with a folder a site that the run read when it was last started; null for a new one.</summary>
    public string? DataUsed => NodeSection(SiteNames.Injector) is { } injector
        ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(injector.Text("data"), Path))
        : null;

    /// <summary>The servers that the run had when it was last started; 0 for a new one.</summary>
    public int Servers => Enumerable.Range(1, int.MaxValue).TakeWhile(number => File.Exists(NodeFile(SiteNames.NumberedServer(number)))).Count();

    /// <summary>How soon silence counted as loss when the run was last started; null for a new one.</summary>
    public Timing? TimingUsed => NodeSection(SiteNames.Server)?.Child("cluster").Text("timing", "") is { Length: > 0 } text && Enum.TryParse(text, ignoreCase: true, out Timing timing)
        ? timing
        : null;

    /// <summary>How a hospital took part when the run was last started; null for a new one.</summary>
    public SiteLink? LinkUsed(string hospital) => NodeSection(hospital)?.Child("cluster").Text("link", "") is { Length: > 0 } text && Enum.TryParse(text, ignoreCase: true, out SiteLink link)
        ? link
        : null;

    /// <summary>How many hospitals a process carried when the run was last started; null for a new one.</summary>
    public int? PerNodeUsed => Servers == 0 ? null
        : NodeSection(SiteNames.NumberedHospitals(1))?.Child("hospital").Texts("clients", fallback: []) is { IsEmpty: false } carried ? carried.Length : 1;

    /// <summary>What kept the journal when the run was last started; null for a new one.</summary>
    public RunJournal? JournalUsed => NodeSection(SiteNames.Server)?.Child("journal") is { } kept && kept.Text("provider", "") is { Length: > 0 } provider
        ? new RunJournal(provider, kept.Text("connection", ""))
        : null;

    /// <summary>Whether nodes showed each other certificates when the run was last started; null for a new one.</summary>
    public bool? SecuredUsed => NodeSection(SiteNames.Server)?.Flag("security", fallback: true);

    /// <summary>On which machines what was computed gives the same bits, as the setting says it; null for a new run, or one of a build that had no choice.</summary>
    public string? BitsUsed => NodeSection(SiteNames.Server)?.Child("torch").Text("bits", "") is { } text && TorchBits.All.Contains(text) ? text : null;

    /// <summary>The precision of the injection's products, as the setting says it; null for a new run, or one of a build that had no choice.</summary>
    public string? ProductsUsed =>
        NodeSection(SiteNames.Injector)?.Child("injector").Text("products", "") is { } text && TorchProducts.All.Contains(text) ? text : null;

    /// <summary>Where pbm found the first server when the run was last started; null for a new one.</summary>
    public int? CommandPortUsed => NodeSection(SiteNames.Server)?.Child("commands").Number("port", 0, 65535, 0) is > 0 and var port ? port : null;

    /// <summary>The federation of the run. No code is loaded for it: who reads a folder may have it from anybody.</summary>
    /// <exception cref="InvalidConfigurationException">Something in its file cannot be used, or it needs packages and none is loaded.</exception>
    public FederationPlan Plan() => Extensions.Loaded.IsEmpty && Packages is { Length: > 0 } packages
        ? throw new InvalidConfigurationException([$"{NodeFile(SiteNames.Server)}: this run was made with {string.Join(" and ", packages)}. If you trust that code, name it with --extension."])
        : FederationFile.Parse(Federation).Plan;

    /// <summary>Loads the packages that the nodes had when the run was last started, to start them again; none where others are loaded already.</summary>
    /// <exception cref="InvalidConfigurationException">One of them cannot be used.</exception>
    public void LoadPackages()
    {
        if (Extensions.Loaded.IsEmpty)
            Extensions.Load($"{NodeFile(SiteNames.Server)}: fedkim.extensions", Packages);
    }

    private ImmutableArray<string> Packages =>
        [.. (NodeSection(SiteNames.Server)?.Texts("extensions", fallback: []) ?? []).Select(file => System.IO.Path.GetFullPath(file, Path))];

    /// <summary>Stands for the folder, see <see cref="FolderLock"/>.</summary>
    public string Lock => System.IO.Path.Combine(Path, LockName);

    /// <summary>A node's file.</summary>
    public string NodeFile(string site) => System.IO.Path.Combine(Path, $"{site}.conf");

    /// <summary>What a node printed.</summary>
    public string Output(string site) => System.IO.Path.Combine(Path, site, "log", "console.log");

    /// <summary>How a node of the run is started.</summary>
    public ProcessLaunch Launch(NodePlan node) => new(node.Site, FedKimProgram.Node(NodeFile(node.Site)), Output(node.Site))
    {
        FinalExitCodes = [ExitCodes.Usage, ExitCodes.Configuration, ExitCodes.Data],
        Background = node.Role != NodeRoles.Server,
        Environment = FedKimProgram.Surroundings,
    };

    /// <summary>The folder asked for, or a new one below <paramref name="current"/>. It is this process's until the lock is disposed.</summary>
    /// <param name="work">The option <c>--work</c>.</param>
    /// <param name="name">The federation's name, for a new folder.</param>
    /// <param name="current">The current folder.</param>
    /// <exception cref="InvalidConfigurationException">
    /// Something else lies in the folder, it cannot be made or written to, or another process runs what lies in it.
    /// </exception>
    public static (RunFolder Folder, IDisposable Lock) Open(string? work, string name, string current)
    {
        if (work is null)
        {
            string above = System.IO.Path.Combine(current, "work");
            foreach (int number in Enumerable.Range(1, int.MaxValue))
            {
                var next = new RunFolder(System.IO.Path.Combine(above, $"{name}-{number:000}"), Resumed: false);
                // Another process may have come upon the same number.
                if (!Directory.Exists(next.Path) && next.TryTake("work") is { } own)
                    return (next, own);
            }
        }
        var folder = new RunFolder(System.IO.Path.GetFullPath(work!, current), Resumed: false);
        string asked = $"--work {work}";
        bool resumed = File.Exists(folder.Federation);
        if (!resumed && folder.HoldsSomethingElse(asked))
            throw new InvalidConfigurationException([$"{asked}: the folder holds something that is no run of FedKim. Name an empty or a new folder."]);
        var held = folder.TryTake(asked) ?? throw new InvalidConfigurationException(
            [$"{asked}: fedkim up runs there already, as {FolderLock.Holder(folder.Lock)}. Wait for its end or end it, or name another folder."]);
        // Looked at again, now that nobody else writes there.
        return (folder with { Resumed = File.Exists(folder.Federation) }, held);
    }

    private bool HoldsSomethingElse(string asked)
    {
        try
        {
            return Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any(entry => System.IO.Path.GetFileName(entry) != LockName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException([$"{asked}: the folder cannot be read: {e.Message} Name one of this account's."]);
        }
    }

    private IDisposable? TryTake(string asked)
    {
        try
        {
            PrivateFiles.MakeFolder(Path);
            return FolderLock.TryTake(Lock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException([$"{asked}: the folder cannot be made or written to: {e.Message} Name another with --work."]);
        }
    }

    private Section? NodeSection(string site) => File.Exists(NodeFile(site)) ? HoconFile.Read(NodeFile(site)).Section("fedkim") : null;
}
