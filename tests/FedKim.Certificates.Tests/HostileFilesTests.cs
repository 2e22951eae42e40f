using System.Formats.Asn1;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CsCheck;

namespace FedKim.Certificates.Tests;

/// <summary>Files from outside: whatever they hold, they are read, or refused by a line that names them.</summary>
public sealed class HostileFilesTests : IDisposable
{
    private readonly Clinics _clinics = new();
    private readonly Lock _turn = new();

    public void Dispose() => _clinics.Dispose();

    [Fact]
    public void A_list_with_any_bit_changed_is_refused()
    {
        using var taken = _clinics.Signed("hospital-a", PeerRole.Hospital);
        _clinics.Authority.Revoke("hospital-a");
        byte[] bytes = Decoded(_clinics.Authority.RevokedList);
        X509Certificate2[] authorities = [_clinics.Authority.Certificate];
        Assert.True(RevocationList.Read(_clinics.Authority.RevokedList, authorities, "revoked.crl")[0].Names(taken));
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] changed = [.. bytes];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<CertificateException>(() => RevocationList.Read(PemEncoding.WriteString("X509 CRL", changed), authorities, "revoked.crl"));
        }
    }

    [Fact]
    public void A_list_of_another_authority_is_refused_though_it_has_the_same_name()
    {
        using var other = CertificateAuthority.Init(_clinics.At("other"), "clinics", null, _clinics.Clock);
        Assert.Contains("was not signed by CN=clinics", List(other.RevokedList), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_is_a_part_of_one_is_refused()
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([1]);
        // A list of changes says so by a critical extension, and would give back what earlier ones took.
        byte[] whole = builder.Build(_clinics.Authority.Certificate, 1, _clinics.Clock.GetUtcNow() + Clinics.Year, HashAlgorithmName.SHA256);
        byte[] part = _clinics.Signed(Changed(whole));
        Assert.Contains("is a special list (extension 2.5.29.27)", List(PemEncoding.WriteString("X509 CRL", part)), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_several_authorities_may_stand_in_one_file()
    {
        using var other = CertificateAuthority.Init(_clinics.At("other"), "others", null, _clinics.Clock);
        Assert.Equal(2, RevocationList.Read(_clinics.Authority.RevokedList + other.RevokedList, [_clinics.Authority.Certificate, other.Certificate], "revoked.crl").Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing at all")]
    [InlineData("-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\nMA==\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")]
    public void What_is_no_list_is_named(string text) => Assert.StartsWith("revoked.crl is no list of revoked certificates", List(text), StringComparison.Ordinal);

    [Fact]
    public void A_list_without_an_end_is_refused_at_once()
    {
        string begins = string.Concat(Enumerable.Repeat("-----BEGIN X509 CRL-----\n", PemFile.MostBytesOfList / 26));
        string nested = PemEncoding.WriteString("X509 CRL", [.. Enumerable.Repeat(new byte[] { 0x30, 0x80 }, 100_000).SelectMany(pair => pair)]);
        var time = System.Diagnostics.Stopwatch.StartNew();
        List(begins);
        List(nested);
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_request_with_any_bit_changed_is_refused()
    {
        string path = Request("hospital-a");
        byte[] bytes = Decoded(File.ReadAllText(path));
        for (int bit = 0; bit < bytes.Length * 8; bit += 3)
        {
            byte[] changed = [.. bytes];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllText(path, PemEncoding.WriteString("CERTIFICATE REQUEST", changed));
            Assert.Contains(path, Assert.Throws<CertificateException>(() => SiteRequest.Read(path)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nothing at all")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n")]
    public void What_is_no_request_is_named(string text) => Assert.Contains("is no request for a certificate", Asked(text), StringComparison.Ordinal);

    [Fact]
    public void A_request_for_what_is_no_site_is_refused_and_cannot_write_over_a_terminal()
    {
        Assert.Contains("no site and role", Asked(Signing("CN=hospital-a, OU=doctor")), StringComparison.Ordinal);
        Assert.Contains("no site and role", Asked(Signing("CN=../../etc, OU=hospital")), StringComparison.Ordinal);
        Assert.DoesNotContain('\e', Asked(Signing("CN=\"\e[2J\", OU=hospital")));
        Assert.Contains("no DNS names or addresses", Asked(Signing("CN=hospital-a, OU=hospital", "a b")), StringComparison.Ordinal);
        Assert.Contains("more than", Asked(Signing("CN=hospital-a, OU=hospital", [.. Enumerable.Range(0, 21).Select(i => $"host-{i}")])), StringComparison.Ordinal);
        using var weak = RSA.Create(1024);
        Assert.Contains("weak key", Asked(new CertificateRequest("CN=hospital-a, OU=hospital", weak, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem()), StringComparison.Ordinal);

        static string Signing(string subject, params string[] hosts)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            foreach (string host in hosts)
                names.AddDnsName(host);
            if (hosts.Length > 0)
                request.CertificateExtensions.Add(names.Build());
            return request.CreateSigningRequestPem();
        }
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        string certificate = File.ReadAllText(_clinics.At("authority", "authority.pem")), list = _clinics.Authority.RevokedList, request = File.ReadAllText(Request("hospital-a"));
        var spoilt = from text in Gen.OneOf(Gen.Const(certificate), Gen.Const(list), Gen.Const(request))
                     from at in Gen.Int[0, text.Length - 1]
                     from length in Gen.Int[0, text.Length - at]
                     from instead in Gen.OneOf(Gen.String, Gen.String[Gen.Char["ABCDabcd0123+/=\n- "], 0, 80])
                     select text.Remove(at, length).Insert(at, instead);
        spoilt.Sample(text =>
        {
            foreach (var read in new Action[]
            {
                () => PemFile.Certificates(text, "file"),
                () => RevocationList.Read(text, [_clinics.Authority.Certificate], "file"),
                () => Asked(text, mayBeGood: true),
            })
            {
                try
                {
                    read();
                }
                catch (CertificateException)
                {
                    // A line for a person.
                }
            }
        }, iter: 400);
    }

    [Fact]
    public void What_is_too_long_is_not_read()
    {
        string path = _clinics.Write("long.pem", new string('A', PemFile.MostBytes + 1));
        Assert.Contains("is larger than", Assert.Throws<CertificateException>(() => PemFile.Certificate(path)).Message, StringComparison.Ordinal);
        Assert.SkipUnless(File.Exists("/dev/zero"), "There is no endless file here.");
        Assert.Contains("is larger than", Assert.Throws<CertificateException>(() => PemFile.Certificate("/dev/zero")).Message, StringComparison.Ordinal);
        Assert.Contains("is larger than", Assert.Throws<CertificateException>(() => SiteBundle.Read("/dev/zero")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_is_read_as_it_was_written()
    {
        SiteBundle bundle = new("certificate\n", "authority\n", "revoked\n", ["server.example.org:9101", "[2001:db8::1]:9101"], "fedkim { }\n");
        string path = _clinics.At("site.fedkim");
        bundle.Write(path);
        var read = SiteBundle.Read(path);
        Assert.Equal(bundle with { Servers = [] }, read with { Servers = [] });
        Assert.Equal(bundle.Servers, read.Servers);
    }

    [Fact]
    public void A_bundle_that_would_write_elsewhere_or_never_end_is_refused()
    {
        Assert.Contains("has no certificate.pem", Bundle(("../certificate.pem", "")), StringComparison.Ordinal);
        Assert.Contains("has no certificate.pem", Bundle(("/etc/certificate.pem", "")), StringComparison.Ordinal);
        Assert.Contains("certificate.pem is larger", Bundle(("certificate.pem", new string('A', 50_000_000))), StringComparison.Ordinal);
        Assert.Contains("cannot be read as the bundle", Bundle(), StringComparison.Ordinal);
        Assert.False(File.Exists(_clinics.At("certificate.pem")));

        string Bundle(params (string Name, string Text)[] parts)
        {
            string path = _clinics.At("bundle");
            using (var file = File.Create(path))
            {
                if (parts.Length == 0)
                    file.Write("no archive"u8);
                else
                    Zip(file, parts);
            }

            return Assert.Throws<CertificateException>(() => SiteBundle.Read(path)).Message;
        }
    }

    [Fact]
    public void Any_bytes_are_a_bundle_or_refused()
    {
        string good = _clinics.At("good");
        new SiteBundle("certificate", "authority", "revoked", [], "").Write(good);
        byte[] bytes = File.ReadAllBytes(good);
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Int[0, bytes.Length]).Sample((at, value, length) =>
        {
            byte[] changed = [.. bytes.AsSpan(0, length)];
            if (at < length)
                changed[at] = value;
            lock (_turn)
            {
                string path = _clinics.At("changed");
                File.WriteAllBytes(path, changed);
                try
                {
                    SiteBundle.Read(path);
                }
                catch (CertificateException e)
                {
                    Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                }
            }
        }, iter: 1000);
    }

    private static void Zip(Stream file, (string Name, string Text)[] parts)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        foreach (var (name, text) in parts)
        {
            using var stream = zip.CreateEntry(name).Open();
            stream.Write(Encoding.ASCII.GetBytes(text));
        }
    }

    private static byte[] Decoded(string pem) => Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);

    private string List(string text) => Assert.Throws<CertificateException>(() => RevocationList.Read(text, [_clinics.Authority.Certificate], "revoked.crl")).Message;

    private string Request(string site)
    {
        string folder = _clinics.At(Guid.NewGuid().ToString("N"));
        SiteRequest.Make(folder, site, PeerRole.Hospital, []);
        return Path.Combine(folder, SiteRequest.RequestName);
    }

    private string Asked(string text, bool mayBeGood = false)
    {
        string path = _clinics.At(Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, text);
        if (!mayBeGood)
            return Assert.Throws<CertificateException>(() => SiteRequest.Read(path)).Message;
        SiteRequest.Read(path);
        return "";
    }

    // The list's content, with an extension more.
    private static byte[] Changed(byte[] list)
    {
        var content = new AsnReader(list, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            while (content.HasData)
            {
                if (content.PeekTag().TagClass != TagClass.ContextSpecific)
                {
                    writer.WriteEncodedValue(content.ReadEncodedValue().Span);
                    continue;
                }

                content.ReadEncodedValue();
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("2.5.29.27");
                    writer.WriteBoolean(true);
                    writer.WriteOctetString([2, 1, 1]);
                }
            }
        }

        return writer.Encode();
    }
}
