using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Rounds;

namespace FedKim.Attackers;

/// <summary>A federation that runs on this machine, as those find it who attack it: its first server's ports, and the run's folder for what was stolen.</summary>
/// <param name="run">The folder of its run.</param>
/// <param name="nodes">Its nodes.</param>
/// <param name="round">The round that is open while it is attacked.</param>
public sealed class Target(string run, ImmutableArray<NodePlan> nodes, RoundId round) : IDisposable
{
    /// <summary>How long an attacker waits for anything.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<IDisposable> _held = [];

    /// <summary>The folder of the federation's run.</summary>
    public string RunFolder => run;

    /// <summary>The server that is attacked.</summary>
    public NodePlan Server { get; } = nodes.First(node => node.Role == NodeRoles.Server);

    /// <summary>The server's door, <c>host:port</c>.</summary>
    public string Door => $"127.0.0.1:{Server.WeightsPort}";

    /// <summary>The round that is open.</summary>
    public RoundId Round => round;

    /// <summary>Who makes the attackers' certificates.</summary>
    public Forger Forger { get; } = new(Path.Combine(run, "certificates", "authority"));

    /// <summary>The files of a node of the federation, whose key was stolen.</summary>
    public TrustFiles Stolen(string site) => new(
        Path.Combine(run, "certificates", "authority", CertificateAuthority.CertificateName), Path.Combine(run, "certificates", site, SiteBundle.CertificateName),
        Path.Combine(run, "certificates", site, SiteRequest.KeyName), Path.Combine(run, "certificates", "authority", CertificateAuthority.RevokedName));

    /// <summary>The certificate of a node of the federation, with its key.</summary>
    public X509Certificate2 StolenCertificate(string site) => X509Certificate2.CreateFromPemFile(Stolen(site).Certificate, Stolen(site).Key);

    /// <summary>The updates of the open round at the server, by whose they are.</summary>
    public IEnumerable<(string Site, string Digest)> Updates() => Directory.Exists(Spool)
        ? [.. Directory.EnumerateFiles(Spool, "*.of").Select(note => (File.ReadAllText(note).Split(' ')[0], Path.GetFileNameWithoutExtension(note)))]
        : [];

    /// <summary>The models at the server, by their digests.</summary>
    public IEnumerable<string> Models() =>
        Directory.EnumerateFiles(Path.Combine(run, Server.Site, "weights")).Select(file => Path.GetFileName(file)).Where(name => Digest.TryParse(name, out _));

    /// <summary>What lies in the server's folders that no federation of this run has made.</summary>
    public IEnumerable<string> Foreign() =>
        Directory.EnumerateDirectories(Path.Combine(run, Server.Site, "spool")).Select(Path.GetFileName).OfType<string>().Where(name => name != round.FileName);

    /// <summary>The lines of a node's audit log.</summary>
    public IReadOnlyList<AuditEntry> Audit(string? site = null) =>
    [
        .. ReadShared(Path.Combine(run, site ?? Server.Site, "log", AuditLog.Name)).Split('\n')
            .Select(line => AuditLine.Read(Encoding.UTF8.GetBytes(line))?.Entry).OfType<AuditEntry>(),
    ];

    /// <summary>Keeps something until the attacks are over.</summary>
    public T Hold<T>(T thing)
        where T : IDisposable
    {
        _held.Add(thing);
        return thing;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _held.ForEach(thing => thing.Dispose());
        Forger.Dispose();
    }

    private string Spool => Path.Combine(run, Server.Site, "spool", $"{round.Federation}-{round.Number}");

    private static string ReadShared(string path)
    {
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return file.ReadToEnd();
    }
}
