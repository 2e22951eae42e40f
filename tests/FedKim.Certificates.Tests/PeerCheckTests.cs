using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates.Tests;

public sealed class PeerCheckTests : IDisposable
{
    private const string HospitalA = "spiffe://clinics/hospital/a";

    private readonly Clinics _clinics = new();

    private DateTimeOffset Now => _clinics.Clock.GetUtcNow();

    public void Dispose() => _clinics.Dispose();

    [Theory]
    [InlineData(PeerRole.Server)]
    [InlineData(PeerRole.Injector)]
    [InlineData(PeerRole.Hospital)]
    [InlineData(PeerRole.Operator)]
    [InlineData(PeerRole.Observer)]
    public void Who_was_signed_is_who_asked(PeerRole role)
    {
        using var certificate = _clinics.Signed("site-1", role);
        var verdict = _clinics.Check.Judge(certificate, null, Now);
        Assert.Null(verdict.Problem);
        Assert.Equal(PeerId.Of("clinics", role, "site-1"), verdict.Id);
    }

    [Fact]
    public void A_certificate_of_another_authority_is_refused_though_it_has_the_same_name()
    {
        using var other = CertificateAuthority.Init(_clinics.At("other"), "clinics", null, _clinics.Clock);
        using var certificate = other.Sign(SiteRequest.Make(_clinics.At("site"), "hospital-a", PeerRole.Hospital, []), Clinics.Year).Certificate();
        var verdict = _clinics.Check.Judge(certificate, null, Now);
        Assert.Equal((null, "spiffe://clinics/hospital/hospital-a"), (verdict.Id, verdict.Shown));
        Assert.Contains(verdict.Problem, (string[])["its certificate was signed by another authority", "its certificate cannot be used: NotSignatureValid"]);
    }

    [Fact]
    public void One_that_signed_itself_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Clinics.Request(key, HospitalA).CreateSelfSigned(Now, Now + Clinics.Year);
        Assert.Equal("it signed its certificate itself", Problem(certificate));
    }

    [Fact]
    public void A_certificate_before_and_after_its_time_is_refused_and_one_that_was_kept_as_well()
    {
        using var certificate = _clinics.Signed("hospital-a", PeerRole.Hospital);
        var check = _clinics.Check;
        Assert.Null(check.Judge(certificate, null, Now).Problem);
        Assert.Null(check.Judge(certificate, null, Now + Clinics.Year - TimeSpan.FromDays(1)).Problem);
        Assert.StartsWith("its certificate ended at ", check.Judge(certificate, null, Now + Clinics.Year + TimeSpan.FromDays(1)).Problem, StringComparison.Ordinal);
        Assert.EndsWith("Are both clocks right?", check.Judge(certificate, null, Now - Clinics.Year).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_revoked_certificate_is_refused_and_its_sites_next_one_counts()
    {
        using var first = _clinics.Signed("hospital-a", PeerRole.Hospital);
        using var bystander = _clinics.Signed("hospital-b", PeerRole.Hospital);
        Assert.Null(Problem(first));
        _clinics.Authority.Revoke("hospital-a");
        using var next = _clinics.Signed("hospital-a", PeerRole.Hospital);
        Assert.Equal("its certificate is revoked", Problem(first));
        Assert.Null(Problem(bystander));
        Assert.Null(Problem(next));
    }

    [Fact]
    public void A_certificate_without_a_name_of_ours_or_with_two_is_nobodys()
    {
        Assert.StartsWith("its certificate names nobody", Problem(_clinics.Foreign()), StringComparison.Ordinal);
        Assert.StartsWith("its certificate names nobody", Problem(_clinics.Foreign(HospitalA, "spiffe://clinics/server/b")), StringComparison.Ordinal);
        Assert.StartsWith("its certificate names nobody", Problem(_clinics.Foreign("https://clinics/hospital/a")), StringComparison.Ordinal);
        Assert.Equal("it is of another consortium than clinics", Problem(_clinics.Foreign("spiffe://others/hospital/a")));
        Assert.Null(Problem(_clinics.Foreign(HospitalA)));
        Assert.Equal("it shows no certificate", Problem(null));
    }

    [Fact]
    public void Of_two_extensions_with_names_none_is_passed_over()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://clinics/server/b"));
        // As names of the issuer first: .NET writes no certificate with two extensions of a kind.
        using var one = _clinics.Foreign(request => request.CertificateExtensions.Add(new X509Extension("2.5.29.18", names.Build().RawData, false)), HospitalA);
        byte[] content = new AsnReader(one.RawData, AsnEncodingRules.DER).ReadSequence().ReadEncodedValue().ToArray();
        content[content.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x55, 0x1d, 18]) + 2] = 17;
        using var both = X509CertificateLoader.LoadCertificate(_clinics.Signed(content));

        Assert.Equal("spiffe://clinics/hospital/a", PeerCheck.IdOf(one)!.ToString());
        Assert.Null(PeerCheck.IdOf(both));
        Assert.NotNull(Problem(both));
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1")]
    [InlineData("1.3.6.1.5.5.7.3.2")]
    [InlineData("1.3.6.1.5.5.7.3.4")]
    public void A_certificate_for_one_end_of_tls_or_for_mail_is_refused(string use)
    {
        using var certificate = _clinics.Foreign(request => request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], true)), HospitalA);
        Assert.Equal("its certificate is not for both ends of TLS (extended key usage serverAuth and clientAuth)", Problem(certificate));
    }

    [Fact]
    public void A_site_cannot_sign_for_others()
    {
        string folder = _clinics.At("site");
        using var certificate = _clinics.Authority.Sign(SiteRequest.Make(folder, "hospital-a", PeerRole.Hospital, []), Clinics.Year).Certificate();
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(folder, SiteRequest.KeyName)));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var forged = Clinics.Request(stranger, "spiffe://clinics/server/server-1").Create(
            certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), certificate.NotBefore, certificate.NotAfter, [1, 2, 3]);
        using var shown = new X509Chain();
        shown.ChainPolicy.ExtraStore.Add(certificate);
        Assert.NotNull(_clinics.Check.Judge(forged, shown, Now).Problem);
    }

    [Fact]
    public void An_authoritys_own_certificate_is_no_nodes()
    {
        using var certificate = _clinics.Foreign(request => request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)), HospitalA);
        Assert.NotNull(Problem(certificate));
    }

    [Fact]
    public void What_stands_between_a_root_and_a_peer_is_shown_once_and_remembered()
    {
        var (root, between, leaf) = Organisation();
        using var shown = new X509Chain();
        shown.ChainPolicy.ExtraStore.Add(between);

        Assert.Equal("its certificate was signed by another authority", Of([]).Judge(leaf, null, Now).Problem);
        var check = Of([]);
        Assert.Null(check.Judge(leaf, shown, Now).Problem);
        // Asked about again later, without a handshake: by this one, and by the next one after the files have changed.
        Assert.Null(check.Judge(leaf, null, Now).Problem);
        Assert.Null(Of(check.Between).Judge(leaf, null, Now).Problem);
        Assert.Null(Of([between]).Judge(leaf, null, Now).Problem);

        PeerCheck Of(IEnumerable<X509Certificate2> known) => new("clinics", [root], known, []);
    }

    [Fact]
    public void A_serial_number_is_of_one_authority()
    {
        var (root, between, leaf) = Organisation();
        byte[] sameNumber = leaf.SerialNumberBytes.ToArray();
        Assert.Null(Of(root).Judge(leaf, null, Now).Problem);
        Assert.Equal("its certificate is revoked", Of(between).Judge(leaf, null, Now).Problem);

        PeerCheck Of(X509Certificate2 signer) => new("clinics", [root], [between], RevocationList.Read(RevocationList.Write(signer, [(sameNumber, Now)], Now), [root, between], "revoked.crl"));
    }

    [Fact]
    public void An_authority_between_can_be_revoked()
    {
        var (root, between, leaf) = Organisation();
        string list = RevocationList.Write(root, [(between.SerialNumberBytes.ToArray(), Now)], Now);
        Assert.Equal("its certificate is revoked", new PeerCheck("clinics", [root], [between], RevocationList.Read(list, [root], "revoked.crl")).Judge(leaf, null, Now).Problem);
    }

    private string? Problem(X509Certificate2? certificate) => _clinics.Check.Judge(certificate, null, Now).Problem;

    // A hospital's own: a root, one that signs for it, and a node, whose serial number's first bit is set.
    private (X509Certificate2 Root, X509Certificate2 Between, X509Certificate2 Leaf) Organisation()
    {
        var root = Authority("CN=root", null, [1]);
        var between = Authority("CN=between", root, [2]);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (root, between, Clinics.Request(key, HospitalA).Create(between, Now, Now + Clinics.Year, [0x80, 7]));
    }

    private X509Certificate2 Authority(string name, X509Certificate2? over, byte[] serial)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (over is null)
            return request.CreateSelfSigned(Now, Now + (2 * Clinics.Year));
        using var bare = request.Create(over, Now, Now + (2 * Clinics.Year) - TimeSpan.FromDays(1), serial);
        return bare.CopyWithPrivateKey(key);
    }
}
