using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FedKim.Certificates;
using FedKim.Node.Cli.Certs;

namespace FedKim.Node.Cli.Join;

/// <summary>A site that joins: all is looked at before anything is written, and what is written is what was looked at.</summary>
internal sealed class Joining
{
    private readonly string _path;
    private readonly SiteBundle _given, _bundle;
    private readonly IReadOnlyCollection<string> _words;
    private readonly TimeProvider _clock;

    private Joining(string path, SiteBundle given, SiteBundle bundle, IReadOnlyCollection<string> words, SitePlan plan, TimeProvider clock) =>
        (_path, _given, _bundle, _words, Plan, _clock) = (path, given, bundle, words, plan, clock);

    /// <summary>The node that the site is about to have.</summary>
    public SitePlan Plan { get; }

    /// <summary>The process of the site's node, where it runs already; null for none.</summary>
    public string? Running { get; private set; }

    /// <summary>Reads what was given.</summary>
    /// <param name="path">The bundle's file.</param>
    /// <param name="key">The folder of the site's key; null to look for it.</param>
    /// <param name="words">Eight words of each authority; none where nobody has read them out.</param>
    /// <param name="data">The folder of its data; null where none was named.</param>
    /// <param name="work">Its work folder; null for the one beside the key.</param>
    /// <param name="proxy">What leads out of the site; null for none.</param>
    /// <param name="commandPort">Where pbm asks its node.</param>
    /// <param name="clock">The only source of time.</param>
    /// <exception cref="CertificateException">The bundle cannot be used at all, or its key is not there.</exception>
    public static Joining Of(string path, string? key, IReadOnlyCollection<string> words, string? data, string? work, Uri? proxy, int commandPort, TimeProvider clock)
    {
        var given = SiteBundle.Read(path);
        string folder = Path.TrimEndingDirectorySeparator(KeyFolder.Of(given, path, key));
        var bundle = given.Beside(folder, path);
        var shown = bundle.Show(path);
        var id = shown.Id ?? throw new CertificateException($"{path}: its certificate names nobody. Ask for the file that fedkim certs sign has written.");
        string own = SiteNodeFile.ReadsData(id.Role) ? Full(data ?? "") : "";
        var plan = new SitePlan(
            id, shown.Hosts, [.. bundle.Servers.Where(SiteServers.IsAddress)], folder, own, Full(work ?? Path.Combine(folder, "work")), proxy, commandPort);
        return new Joining(path, given, bundle, words, plan, clock);
    }

    /// <summary>Looks at everything, whatever is wrong with one thing.</summary>
    public async IAsyncEnumerable<Finding> CheckAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        bool counts = true;
        foreach (var finding in BundleCheck.Of(_bundle, _path, _given, Plan.Folder, _words, _clock.GetUtcNow()))
        {
            counts &= !finding.IsWrong;
            yield return finding;
        }
        if (Plan.Id.Role is PeerRole.Operator or PeerRole.Observer)
            yield break;
        foreach (var finding in counts ? await ServersAsync(cancel) : [Finding.Doubt("server", "not tried: this site cannot show who it is")])
            yield return finding;
        if (Plan.ReadsData)
            yield return DataCheck.Of(Plan);
        yield return WorkCheck.Of(Plan.Work);
        Running = WorkCheck.RunningIn(Plan.Work);
        foreach (var finding in PortCheck.Of(Plan, Running))
            yield return finding;
        if (NodeFileCheck.Of(Plan) is { } there)
            yield return there;
    }

    /// <summary>Puts the bundle's parts and the node file beside the key.</summary>
    /// <returns>The names of what was not there, or said something else.</returns>
    public ImmutableArray<string> Write() => (_bundle with { NodeFile = Plan.Text }).WriteTo(Plan.Folder);

    private async Task<ImmutableArray<Finding>> ServersAsync(CancellationToken cancel)
    {
        string trial = Directory.CreateTempSubdirectory("fedkim-join-").FullName;
        try
        {
            // As the node will, with the very files, before any of them is in its place.
            _bundle.WriteTo(trial);
            using var trust = PeerTrust.Load(
                new TrustFiles(
                    Path.Combine(trial, CertificateAuthority.CertificateName), Path.Combine(trial, SiteBundle.CertificateName),
                    Path.Combine(Plan.Folder, SiteRequest.KeyName), Path.Combine(trial, CertificateAuthority.RevokedName)),
                _clock, _ => { });
            // A server waits for the others as long as it takes, and they for it.
            if (Plan.Id.Role is PeerRole.Server)
                return [new Finding("server", $"this node is one; servers find each other at {string.Join(", ", SiteNodeFile.Seeds(Plan.Servers))}")];
            string refusal = DoorTry.WhyRefused(_bundle.Show(_path), _bundle.Lists(_path).Max(list => list.MadeAt), _clock.GetUtcNow());
            var check = new DoorCheck(trust, refusal, Plan.Proxy, _clock);
            var doors = Task.WhenAll(Plan.Servers.Select(server => check.TryAsync(server, cancel)));
            string[] members = Plan.Id.Role is PeerRole.Injector ? [.. SiteNodeFile.Seeds(Plan.Servers)] : [];
            var seeds = Task.WhenAll(members.Select(seed => DoorTry.MemberAsync(seed, cancel)));
            return [.. DoorTry.Findings("server", await doors), .. DoorTry.Findings("member", await seeds)];
        }
        catch (CertificateException e)
        {
            return [Finding.Wrong("key", e.Message.TrimEnd('.'))];
        }
        finally
        {
            Directory.Delete(trial, recursive: true);
        }
    }

    private static string Full(string path) => path.Length == 0 ? "" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
