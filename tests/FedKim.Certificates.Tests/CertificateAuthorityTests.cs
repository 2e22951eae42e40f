using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedKim.Testing;

namespace FedKim.Certificates.Tests;

public sealed class CertificateAuthorityTests : IDisposable
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly TemporaryFolder _folder = new();
    private readonly CertificateAuthority _authority;
    private readonly LateClock _clock = new();

    public CertificateAuthorityTests() => _authority = CertificateAuthority.Init(At("authority"), "clinics", passphrase: null, _clock);

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Who_was_signed_is_who_asked()
    {
        using var certificate = Signed("hospital-a", PeerRole.Hospital);
        var verdict = Check().Judge(certificate);
        Assert.Null(verdict.Problem);
        Assert.Equal("spiffe://clinics/hospital/hospital-a", verdict.Id!.ToString());
    }

    [Fact]
    public void The_fingerprint_of_a_request_is_that_of_its_certificate()
    {
        var request = SiteRequest.Make(At("site"), "hospital-a", PeerRole.Hospital, []);
        using var certificate = _authority.Sign(SiteRequest.Read(At("site", SiteRequest.RequestName)), Year);
        Assert.Equal(request.Print, SpokenPrint.Of(certificate.PublicKey));
        Assert.Equal(request.Print, Assert.Single(_authority.Certificates).Print);
    }

    [Fact]
    public void Names_under_which_a_server_is_reached_are_signed_too()
    {
        using var certificate = Signed("server-1", PeerRole.Server, "fedkim.example.org", "192.0.2.1");
        Assert.Equal(["fedkim.example.org", "192.0.2.1"], SubjectNames.Hosts(certificate.Extensions));
        Assert.True(certificate.MatchesHostname("fedkim.example.org"));
    }

    [Fact]
    public void A_certificate_of_another_authority_is_refused()
    {
        using var other = CertificateAuthority.Init(At("other"), "clinics", null, _clock);
        using var certificate = other.Sign(SiteRequest.Make(At("site"), "hospital-a", PeerRole.Hospital, []), Year);
        Assert.Equal("its certificate was signed by another authority", Check().Judge(certificate).Problem);
    }

    [Fact]
    public void A_certificate_before_and_after_its_time_is_refused()
    {
        using var certificate = Signed("hospital-a", PeerRole.Hospital);
        _clock.Passes(Year - TimeSpan.FromDays(1));
        Assert.Null(Check().Judge(certificate).Problem);
        _clock.Passes(TimeSpan.FromDays(2));
        Assert.StartsWith("its certificate ended at ", Check().Judge(certificate).Problem, StringComparison.Ordinal);
        _clock.Passes(-2 * Year);
        Assert.StartsWith("its certificate begins at ", Check().Judge(certificate).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_revoked_certificate_is_refused_and_its_sites_next_one_counts()
    {
        using var first = Signed("hospital-a", PeerRole.Hospital);
        using var bystander = Signed("hospital-b", PeerRole.Hospital);
        Assert.Single(_authority.Revoke("hospital-a"));
        using var next = Signed("hospital-a", PeerRole.Hospital);

        Assert.Equal("its certificate is revoked", Check().Judge(first).Problem);
        Assert.Null(Check().Judge(bystander).Problem);
        Assert.Null(Check().Judge(next).Problem);
        Assert.Empty(_authority.Revoke(first.SerialNumber.ToLowerInvariant()));
        Assert.Contains("has signed nothing for", Assert.Throws<CertificateException>(() => _authority.Revoke("hospital-z")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_is_renewed_for_the_same_key_and_names()
    {
        using var first = Signed("server-1", PeerRole.Server, "server-1.example.org");
        _clock.Passes(TimeSpan.FromDays(300));
        using var next = _authority.Renew("server-1", Year);

        Assert.Equal(first.PublicKey.ExportSubjectPublicKeyInfo(), next.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(["server-1.example.org"], SubjectNames.Hosts(next.Extensions));
        _clock.Passes(TimeSpan.FromDays(100));
        Assert.NotNull(Check().Judge(first).Problem);
        Assert.Null(Check().Judge(next).Problem);
    }

    [Fact]
    public void No_certificate_outlives_its_authority()
    {
        using var certificate = _authority.Sign(SiteRequest.Make(At("site"), "hospital-a", PeerRole.Hospital, []), 100 * Year);
        Assert.Equal(_authority.Certificate.NotAfter, certificate.NotAfter);
    }

    [Fact]
    public void A_certificate_without_a_name_of_ours_or_with_two_is_nobodys()
    {
        Assert.Contains("names nobody", Check().Judge(Foreign()).Problem, StringComparison.Ordinal);
        Assert.Contains("names nobody", Check().Judge(Foreign("spiffe://clinics/hospital/a", "spiffe://clinics/hospital/b")).Problem, StringComparison.Ordinal);
        Assert.Contains("names nobody", Check().Judge(Foreign("https://clinics/hospital/a")).Problem, StringComparison.Ordinal);
        Assert.Equal("it is spiffe://others/hospital/a, of another consortium than clinics", Check().Judge(Foreign("spiffe://others/hospital/a")).Problem);
        Assert.Null(Check().Judge(Foreign("spiffe://clinics/hospital/a")).Problem);
        Assert.Equal("it shows no certificate", Check().Judge(null).Problem);
    }

    [Fact]
    public void A_site_cannot_sign_for_others()
    {
        using var certificate = Signed("hospital-a", PeerRole.Hospital);
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(At("hospital-a", SiteRequest.KeyName)));
        using var own = certificate.CopyWithPrivateKey(key);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server-1", stranger, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(SubjectNames.Extension(PeerId.Of("clinics", PeerRole.Server, "server-1"), []));
        using var forged = request.Create(own.SubjectName, X509SignatureGenerator.CreateForECDsa(key), certificate.NotBefore, certificate.NotAfter, [1, 2, 3]);
        Assert.NotNull(Check().Judge(forged, [certificate]).Problem);
    }

    [Fact]
    public void A_list_of_another_authority_is_refused_and_so_is_one_that_was_changed()
    {
        string pem = File.ReadAllText(At("authority", CertificateAuthority.RevokedName));
        Assert.Equal(0, RevocationList.Read(pem, _authority.Certificate, "revoked.crl").Count);
        using var other = CertificateAuthority.Init(At("other"), "clinics", null, _clock);
        Assert.Contains("was not signed by", Assert.Throws<CertificateException>(() => RevocationList.Read(pem, other.Certificate, "revoked.crl")).Message, StringComparison.Ordinal);
        byte[] bytes = Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => !line.StartsWith('-'))));
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 1;
            string text = PemEncoding.WriteString("X509 CRL", changed);
            Assert.Throws<CertificateException>(() => RevocationList.Read(text, _authority.Certificate, "revoked.crl"));
        }
    }

    [Fact]
    public void A_key_under_a_passphrase_is_opened_with_it_alone()
    {
        CertificateAuthority.Init(At("guarded"), "clinics", "correct horse", _clock).Dispose();
        CertificateAuthority.Open(At("guarded"), "correct horse", _clock).Dispose();
        Assert.Contains("is under another passphrase", Problem("battery staple"), StringComparison.Ordinal);
        Assert.Contains("--passphrase-file", Problem(null), StringComparison.Ordinal);

        string Problem(string? passphrase) => Assert.Throws<CertificateException>(() => CertificateAuthority.Open(At("guarded"), passphrase, _clock)).Message;
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Keys_are_their_accounts_alone_and_never_replaced()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("authority", "authority.key")));
        Assert.Contains("is there already", Assert.Throws<CertificateException>(() => CertificateAuthority.Init(At("authority"), "clinics", null, _clock)).Message, StringComparison.Ordinal);
        SiteRequest.Make(At("site"), "hospital-a", PeerRole.Hospital, []);
        Assert.Contains("is there already", Assert.Throws<CertificateException>(() => SiteRequest.Make(At("site"), "hospital-a", PeerRole.Hospital, [])).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(At("authority", "authority.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<CertificateException>(() => CertificateAuthority.Open(At("authority"), null, _clock)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing at all")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")]
    public void What_is_no_request_is_named(string text) =>
        Assert.Contains("is no request for a certificate", Assert.Throws<CertificateException>(() => SiteRequest.Read(_folder.Write("request.pem", text))).Message, StringComparison.Ordinal);

    [Fact]
    public void What_openssl_thinks_of_it_is_the_same()
    {
        using var good = Signed("hospital-a", PeerRole.Hospital);
        using var revoked = Signed("hospital-b", PeerRole.Hospital);
        _authority.Revoke("hospital-b");
        string both = _folder.Write("both.pem", File.ReadAllText(At("authority", "authority.pem")) + File.ReadAllText(At("authority", "revoked.crl")));

        Assert.Equal(0, OpenSsl("verify", "-crl_check", "-CAfile", both, _folder.Write("good.pem", good.ExportCertificatePem())));
        Assert.NotEqual(0, OpenSsl("verify", "-crl_check", "-CAfile", both, _folder.Write("revoked.pem", revoked.ExportCertificatePem())));
        Assert.Equal(0, OpenSsl("req", "-verify", "-noout", "-in", At("hospital-a", "request.pem")));
    }

    private static int OpenSsl(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "openssl is not installed here.");
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/usr/bin/openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private string At(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    private PeerCheck Check() => new(
        () => new PeerTrust("clinics", _authority.Certificate, RevocationList.Read(File.ReadAllText(At("authority", "revoked.crl")), _authority.Certificate, "revoked.crl")), _clock);

    private X509Certificate2 Signed(string site, PeerRole role, params string[] hosts)
    {
        string folder = Directory.Exists(At(site)) ? At(site + "-again") : At(site);
        SiteRequest.Make(folder, site, role, hosts);
        return _authority.Sign(SiteRequest.Read(Path.Combine(folder, SiteRequest.RequestName)), Year);
    }

    // Of this authority's key, but not made by it: as SPIRE or a hospital's own would.
    private X509Certificate2 Foreign(params string[] uris)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=anybody", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("anybody.example.org");
        foreach (string uri in uris)
            names.AddUri(new Uri(uri));
        request.CertificateExtensions.Add(names.Build());
        return request.Create(_authority.Certificate, _clock.GetUtcNow(), _clock.GetUtcNow() + Year, [7]);
    }

    private sealed class LateClock : TimeProvider
    {
        private TimeSpan _later;

        public void Passes(TimeSpan time) => _later += time;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _later;
    }
}
