using FedKim.Certificates;
using FedKim.Launch.Machine;

namespace FedKim.Launch;

/// <summary>
/// The certificates of a run on this machine: an authority of its own, which signs for its nodes and for nobody else, ever. A run that is taken up
/// has those it had.
/// </summary>
internal static class RunCertificates
{
    private const string Consortium = "up", Folder = "certificates", Authority = "authority";
    private static readonly TimeSpan Life = TimeSpan.FromDays(365), Ahead = TimeSpan.FromDays(60);

    /// <summary>Makes what the nodes lack, or what ends soon.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="nodes">Its nodes.</param>
    /// <exception cref="CertificateException">What lies there cannot be used.</exception>
    public static void Make(string run, IEnumerable<NodePlan> nodes)
    {
        string folder = Path.Combine(run, Folder, Authority);
        PrivateFiles.MakeFolder(folder);
        using var authority = File.Exists(Path.Combine(folder, CertificateAuthority.CertificateName))
            ? CertificateAuthority.Open(folder, passphrase: null, TimeProvider.System)
            : CertificateAuthority.Init(folder, Consortium, passphrase: null, TimeProvider.System);
        var ends = authority.Certificates.ToLookup(c => c.Id.Site, c => c.Ends);
        foreach (var node in nodes)
        {
            if (ends[node.Site].All(end => end - TimeProvider.System.GetUtcNow() < Ahead) || !Files(node.Site).All(file => File.Exists(Path.Combine(run, file))))
                Issue(authority, node, Path.Combine(run, Folder, node.Site));
        }
    }

    /// <summary>What a node's file says of them, from the run's folder on.</summary>
    public static string Section(string site)
    {
        string[] files = Files(site);
        return $$"""
              tls {
                authority = "{{Folder}}/{{Authority}}/{{CertificateAuthority.CertificateName}}"
                certificate = "{{files[0]}}"
                key = "{{files[1]}}"
                revoked = "{{Folder}}/{{Authority}}/{{CertificateAuthority.RevokedName}}"
              }
            """;
    }

    private static string[] Files(string site) => [$"{Folder}/{site}/{SiteBundle.CertificateName}", $"{Folder}/{site}/{SiteRequest.KeyName}"];

    private static void Issue(CertificateAuthority authority, NodePlan node, string folder)
    {
        PrivateFiles.MakeFolder(folder);
        File.Delete(Path.Combine(folder, SiteRequest.KeyName));
        var request = SiteRequest.Make(folder, node.Site, PeerId.RoleOf(node.Role)!.Value, ["127.0.0.1", "localhost"]);
        string certificate = authority.Sign(request, Life).Pem;
        TextFile.Write(Path.Combine(folder, SiteBundle.CertificateName), certificate);
    }
}
