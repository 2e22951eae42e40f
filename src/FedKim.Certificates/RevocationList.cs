using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// The certificates that an authority has taken back (RFC 5280, 5): signed by it, so that anybody can carry the file. .NET writes such lists
/// and does not read them.
/// </summary>
public sealed class RevocationList
{
    private const string Label = "X509 CRL", Begin = $"-----BEGIN {Label}-----", End = $"-----END {Label}-----";
    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 0, isConstructed: true);

    private readonly byte[] _issuer;
    private readonly ImmutableHashSet<BigInteger> _serials;

    private RevocationList(byte[] issuer, ImmutableHashSet<BigInteger> serials, DateTimeOffset at) => (_issuer, _serials, MadeAt) = (issuer, serials, at);

    /// <summary>When it was made.</summary>
    public DateTimeOffset MadeAt { get; }

    /// <summary>How many it names.</summary>
    public int Count => _serials.Count;

    /// <summary>Whether it names this certificate. A serial number is of one authority: another may count as it does.</summary>
    public bool Names(X509Certificate2 certificate) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(_issuer)
        && _serials.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: true, isBigEndian: true));

    /// <summary>Whether it is of the same authority as another, and was made before it.</summary>
    public bool IsBefore(RevocationList other) => IsOfSame(other) && MadeAt < other.MadeAt;

    /// <summary>Whether it is of the same authority as another.</summary>
    public bool IsOfSame(RevocationList other) => _issuer.AsSpan().SequenceEqual(other._issuer);

    /// <summary>Whether it is of this authority.</summary>
    public bool IsOf(X509Certificate2 authority) => authority.SubjectName.RawData.AsSpan().SequenceEqual(_issuer);

    /// <summary>Reads the lists of a text, at least one.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="authorities">Who may have signed them.</param>
    /// <param name="file">Where it is from, for errors.</param>
    /// <exception cref="CertificateException">There is none, or one of them is malformed, another's, or only a part of a list.</exception>
    public static ImmutableArray<RevocationList> Read(string pem, IReadOnlyList<X509Certificate2> authorities, string file)
    {
        List<RevocationList> found = [];
        var rest = pem.AsSpan();
        try
        {
            // Looked for by hand: .NET's reader goes through the rest of the text anew for each beginning that has no end.
            for (int begin = rest.IndexOf(Begin); begin >= 0; begin = rest.IndexOf(Begin))
            {
                rest = rest[(begin + Begin.Length)..];
                int end = rest.IndexOf(End);
                if (end < 0)
                    throw new CertificateException($"{file} ends in the middle of a list of revoked certificates. Fetch it again.");
                found.Add(Of(Convert.FromBase64String(rest[..end].ToString()), authorities, file));
                rest = rest[(end + End.Length)..];
            }
        }
        catch (Exception e) when (e is AsnContentException or FormatException or CryptographicException)
        {
            throw new CertificateException($"{file} is no list of revoked certificates: {e.Message}", e);
        }

        return found.Count > 0 ? [.. found] : throw new CertificateException($"{file} is no list of revoked certificates in PEM.");
    }

    /// <summary>Writes the list of an authority.</summary>
    /// <param name="authority">Its certificate, with the key.</param>
    /// <param name="revoked">Serial numbers, most significant byte first, and when each was taken back.</param>
    /// <param name="at">Now.</param>
    internal static string Write(X509Certificate2 authority, IEnumerable<(byte[] Serial, DateTimeOffset At)> revoked, DateTimeOffset at)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var (serial, since) in revoked)
            builder.AddEntry(serial, since);
        // Its number only grows: that of the second.
        return PemEncoding.WriteString(Label, builder.Build(authority, at.ToUnixTimeSeconds(), authority.NotAfter, HashAlgorithmName.SHA256, thisUpdate: at)) + "\n";
    }

    private static RevocationList Of(byte[] bytes, IReadOnlyList<X509Certificate2> authorities, string file)
    {
        var whole = new AsnReader(bytes, AsnEncodingRules.DER);
        var outer = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        byte[] signed = outer.PeekEncodedValue().ToArray();
        var list = outer.ReadSequence();
        byte[] algorithm = outer.PeekEncodedValue().ToArray();
        string identifier = outer.ReadSequence().ReadObjectIdentifier();
        byte[] signature = outer.ReadBitString(out int unused);
        outer.ThrowIfNotEmpty();

        if (list.HasData && list.PeekTag() == Asn1Tag.Integer)
            list.ReadInteger();
        if (unused != 0 || !list.ReadEncodedValue().Span.SequenceEqual(algorithm))
            throw new CertificateException($"{file} is no list of revoked certificates: its signature is of two kinds.");
        byte[] issuer = list.ReadEncodedValue().ToArray();
        if (!authorities.Any(one => one.SubjectName.RawData.AsSpan().SequenceEqual(issuer) && MaySign(one) && SignatureHash.Verifies(one, identifier, signed, signature)))
            throw new CertificateException($"{file} was not signed by {string.Join(" or ", authorities.Select(authority => Plain.Text(authority.Subject)).Distinct())}. Fetch the list from the authority again.");
        return Content(list, issuer, file);
    }

    private static RevocationList Content(AsnReader list, byte[] issuer, string file)
    {
        var at = Time(list);
        if (list.HasData && list.PeekTag().TagClass == TagClass.Universal && !list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            Time(list);
        var serials = ImmutableHashSet.CreateBuilder<BigInteger>();
        if (list.HasData && list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            var entries = list.ReadSequence();
            while (entries.HasData)
            {
                var entry = entries.ReadSequence();
                serials.Add(entry.ReadInteger());
                Time(entry);
                RefuseCritical(entry.HasData ? entry.ReadSequence() : null, file);
            }
        }

        RefuseCritical(list.HasData ? list.ReadSequence(Extensions).ReadSequence() : null, file);
        list.ThrowIfNotEmpty();
        return new RevocationList(issuer, serials.ToImmutable(), at);
    }

    // What is critical changes what the list means: it is a part of one, or other authorities' as well.
    private static void RefuseCritical(AsnReader? extensions, string file)
    {
        while (extensions is { HasData: true })
        {
            var extension = extensions.ReadSequence();
            string identifier = extension.ReadObjectIdentifier();
            if (extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean())
                throw new CertificateException($"{file} is a special list (extension {identifier}), and FedKim reads whole lists of one authority. Ask the authority for its full list.");
        }
    }

    private static bool MaySign(X509Certificate2 authority) =>
        authority.Extensions.OfType<X509KeyUsageExtension>().All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign));

    private static DateTimeOffset Time(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
