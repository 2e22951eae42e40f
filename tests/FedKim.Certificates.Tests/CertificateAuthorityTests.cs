using System.Diagnostics;
using System.Runtime.Versioning;

namespace FedKim.Certificates.Tests;

public sealed class CertificateAuthorityTests : IDisposable
{
    private readonly Clinics _clinics = new();

    private CertificateAuthority Authority => _clinics.Authority;

    public void Dispose() => _clinics.Dispose();

    [Fact]
    public void The_fingerprint_of_a_request_is_that_of_its_certificate()
    {
        var request = SiteRequest.Make(_clinics.At("site"), "hospital-a", PeerRole.Hospital, []);
        using var certificate = Authority.Sign(SiteRequest.Read(_clinics.At("site", SiteRequest.RequestName)), Clinics.Year).Certificate();
        Assert.Equal(request.Print, SpokenPrint.Of(certificate.PublicKey));
        Assert.Equal(request.Print, Assert.Single(Authority.Certificates).Print);
    }

    [Fact]
    public void Names_under_which_a_server_is_reached_are_signed_too()
    {
        using var certificate = _clinics.Signed("server-1", PeerRole.Server, "fedkim.example.org", "192.0.2.1", "2001:db8::1");
        Assert.Equal(["fedkim.example.org", "192.0.2.1", "2001:db8::1"], SubjectNames.Hosts(certificate.Extensions));
        Assert.Equal(["fedkim.example.org", "192.0.2.1", "2001:db8::1"], Assert.Single(Authority.Certificates).Hosts);
        Assert.True(certificate.MatchesHostname("fedkim.example.org"));
    }

    [Theory]
    [InlineData("server.example.org:9101")]
    [InlineData("10.1")]
    [InlineData("two words")]
    [InlineData("*.example.org")]
    [InlineData("a..b")]
    [InlineData("")]
    public void What_is_no_host_is_refused_where_it_is_asked_for(string host)
    {
        Assert.Contains("is no DNS name or address", Problem(() => SiteRequest.Make(_clinics.At("site"), "server", PeerRole.Server, [host])), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_clinics.At("site")));
    }

    [Fact]
    public void A_certificate_is_renewed_for_the_same_key_and_names()
    {
        using var first = _clinics.Signed("server-1", PeerRole.Server, "server-1.example.org");
        _clinics.Clock.Passes(TimeSpan.FromDays(300));
        using var next = Authority.Renew("server-1", Clinics.Year).Certificate();

        Assert.Equal(first.PublicKey.ExportSubjectPublicKeyInfo(), next.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(["server-1.example.org"], SubjectNames.Hosts(next.Extensions));
        _clinics.Clock.Passes(TimeSpan.FromDays(100));
        Assert.NotNull(_clinics.Check.Judge(first, null, _clinics.Clock.GetUtcNow()).Problem);
        Assert.Null(_clinics.Check.Judge(next, null, _clinics.Clock.GetUtcNow()).Problem);
    }

    [Fact]
    public void What_was_revoked_is_not_renewed()
    {
        using var certificate = _clinics.Signed("hospital-a", PeerRole.Hospital);
        Authority.Revoke("hospital-a");
        Assert.Contains("no certificate of clinics that could be renewed", Problem(() => Authority.Renew("hospital-a", Clinics.Year)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_is_revoked_by_its_number_and_all_of_a_site_by_its_name()
    {
        using var first = _clinics.Signed("hospital-a", PeerRole.Hospital);
        using var second = _clinics.Signed("hospital-a", PeerRole.Hospital);
        using var third = _clinics.Signed("hospital-b", PeerRole.Hospital);
        Assert.Equal(first.SerialNumber, Assert.Single(Authority.Revoke(first.SerialNumber)).Serial, ignoreCase: true);
        Assert.Equal(second.SerialNumber, Assert.Single(Authority.Revoke("hospital-a")).Serial, ignoreCase: true);
        Assert.Empty(Authority.Revoke("hospital-a"));
        Assert.Equal([true, true, false], Authority.Certificates.Select(c => c.Revoked is not null));
        Assert.Contains("has signed nothing for", Problem(() => Authority.Revoke("hospital-z")), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_list_is_newer_than_the_one_before_it_though_the_clock_was_set_back()
    {
        using var certificate = _clinics.Signed("hospital-a", PeerRole.Hospital);
        _clinics.Clock.Passes(TimeSpan.FromDays(1));
        Authority.Revoke("hospital-a");
        var before = List();

        _clinics.Clock.Passes(-TimeSpan.FromDays(1));
        Authority.Revoke("hospital-a");

        Assert.Equal(before.MadeAt + TimeSpan.FromSeconds(1), List().MadeAt);
        Assert.True(List().Names(certificate));

        // One that cannot be read keeps nothing from being taken back.
        File.WriteAllText(_clinics.At("authority", CertificateAuthority.RevokedName), "half");
        Authority.Revoke("hospital-a");
        Assert.True(List().Names(certificate));

        RevocationList List() => RevocationList.Read(Authority.RevokedList, [Authority.Certificate], "revoked.crl").Single();
    }

    [Fact]
    public void No_certificate_outlives_its_authority_nor_is_older()
    {
        using var certificate = Authority.Sign(SiteRequest.Make(_clinics.At("site"), "hospital-a", PeerRole.Hospital, []), 100 * Clinics.Year).Certificate();
        Assert.Equal(Authority.Certificate.NotAfter, certificate.NotAfter);
        Assert.True(certificate.NotBefore >= Authority.Certificate.NotBefore);
        _clinics.Clock.Passes(11 * Clinics.Year);
        Assert.Contains("fedkim certs init", Problem(() => Authority.Renew("hospital-a", Clinics.Year)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_under_a_passphrase_is_opened_with_it_alone()
    {
        CertificateAuthority.Init(_clinics.At("guarded"), "clinics", "correct horse", _clinics.Clock).Dispose();
        Assert.True(CertificateAuthority.AsksForPassphrase(_clinics.At("guarded")));
        Assert.False(CertificateAuthority.AsksForPassphrase(_clinics.At("authority")));
        CertificateAuthority.Open(_clinics.At("guarded"), "correct horse", _clinics.Clock).Dispose();
        Assert.Contains("is under another passphrase", Opening("battery staple"), StringComparison.Ordinal);
        Assert.Contains("--passphrase-file", Opening(null), StringComparison.Ordinal);

        string Opening(string? passphrase) => Problem(() => CertificateAuthority.Open(_clinics.At("guarded"), passphrase, _clinics.Clock));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Keys_are_their_accounts_alone_and_never_replaced()
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        SiteRequest.Make(_clinics.At("site"), "hospital-a", PeerRole.Hospital, []);
        string key = _clinics.At("authority", "authority.key");
        foreach (string path in new[] { key, _clinics.At("site", SiteRequest.KeyName) })
        {
            Assert.Equal(Own, File.GetUnixFileMode(path));
            Assert.Equal(Own | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        }

        string before = File.ReadAllText(key);
        Assert.Contains("is there already", Problem(() => CertificateAuthority.Init(_clinics.At("authority"), "clinics", null, _clinics.Clock)), StringComparison.Ordinal);
        Assert.Contains("is there already", Problem(() => SiteRequest.Make(_clinics.At("site"), "hospital-a", PeerRole.Hospital, [])), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(key));
        Assert.Empty(Directory.EnumerateFiles(_clinics.At("authority"), "*.tmp"));

        File.SetUnixFileMode(key, Own | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Problem(() => CertificateAuthority.Open(_clinics.At("authority"), null, _clinics.Clock)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_signed_is_listed_without_the_key()
    {
        using var certificate = _clinics.Signed("hospital-a", PeerRole.Hospital);
        File.Delete(_clinics.At("authority", "authority.key"));
        Assert.Equal("hospital-a", Assert.Single(new IssuedCertificates(_clinics.At("authority")).All()).Id.Site);
        Assert.Contains("fedkim certs init", Problem(() => new IssuedCertificates(_clinics.At("nowhere")).All()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_openssl_thinks_of_it_is_the_same()
    {
        using var good = _clinics.Signed("hospital-a", PeerRole.Hospital, "fedkim.example.org");
        using var revoked = _clinics.Signed("hospital-b", PeerRole.Hospital);
        Authority.Revoke("hospital-b");
        string authority = _clinics.At("authority", "authority.pem"), list = _clinics.At("authority", "revoked.crl");
        string both = _clinics.Write("both.pem", File.ReadAllText(authority) + File.ReadAllText(list));
        // A list made within a second of the one before it is of the next.
        string soon = $"{_clinics.Clock.GetUtcNow().ToUnixTimeSeconds() + 2}";
        string[] strictly = ["verify", "-x509_strict", "-crl_check", "-attime", soon, "-CAfile", both, "-purpose"];

        string goodFile = _clinics.Write("good.pem", good.ExportCertificatePem());
        Assert.Equal(0, OpenSsl([.. strictly, "sslclient", goodFile]).Code);
        Assert.Equal(0, OpenSsl([.. strictly, "sslserver", goodFile]).Code);
        Assert.Contains("certificate revoked", OpenSsl([.. strictly, "sslclient", _clinics.Write("revoked.pem", revoked.ExportCertificatePem())]).Errors, StringComparison.Ordinal);
        Assert.Contains(revoked.SerialNumber, OpenSsl("crl", "-in", list, "-noout", "-text", "-CAfile", authority).Output, StringComparison.Ordinal);
        Assert.Contains("URI:spiffe://clinics/hospital/hospital-a, DNS:fedkim.example.org", OpenSsl("x509", "-in", goodFile, "-noout", "-ext", "subjectAltName").Output, StringComparison.Ordinal);
        SiteRequest.Make(_clinics.At("site"), "hospital-c", PeerRole.Hospital, []);
        Assert.Equal(0, OpenSsl("req", "-verify", "-noout", "-in", _clinics.At("site", SiteRequest.RequestName)).Code);
    }

    private static string Problem(Action action) => Assert.Throws<CertificateException>(action).Message;

    private static (int Code, string Output, string Errors) OpenSsl(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "openssl is not installed here.");
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
