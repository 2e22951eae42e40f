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
    private const string Label = "X509 CRL";

    private readonly ImmutableHashSet<BigInteger> _serials;

    private RevocationList(ImmutableHashSet<BigInteger> serials, DateTimeOffset at) => (_serials, MadeAt) = (serials, at);

    /// <summary>When it was made.</summary>
    public DateTimeOffset MadeAt { get; }

    /// <summary>How many it names.</summary>
    public int Count => _serials.Count;

    /// <summary>Whether it names this certificate.</summary>
    public bool Names(X509Certificate2 certificate) => _serials.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: true, isBigEndian: true));

    /// <summary>Reads a list.</summary>
    /// <param name="pem">Its text.</param>
    /// <param name="authority">Who must have signed it.</param>
    /// <param name="file">Where it is from, for errors.</param>
    /// <exception cref="CertificateException">It is malformed, or another's.</exception>
    public static RevocationList Read(string pem, X509Certificate2 authority, string file)
    {
        try
        {
            var found = PemEncoding.Find(pem);
            if (!pem[found.Label].Equals(Label, StringComparison.Ordinal))
                throw new CertificateException($"{file} is no list of revoked certificates: it begins as {pem[found.Label]}.");
            var outer = new AsnReader(Convert.FromBase64String(pem[found.Base64Data]), AsnEncodingRules.DER).ReadSequence();
            byte[] signed = outer.PeekEncodedValue().ToArray();
            var list = outer.ReadSequence();
            string algorithm = outer.ReadSequence().ReadObjectIdentifier();
            byte[] signature = outer.ReadBitString(out _);
            outer.ThrowIfNotEmpty();
            return SignatureHash.Verifies(authority, algorithm, signed, signature)
                ? Of(list)
                : throw new CertificateException($"{file} was not signed by {authority.Subject}. Fetch the list from the authority again.");
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException or FormatException or CryptographicException)
        {
            throw new CertificateException($"{file} is no list of revoked certificates: {e.Message}", e);
        }
    }

    /// <summary>Writes the list of an authority.</summary>
    /// <param name="authority">Its certificate, with the key.</param>
    /// <param name="number">Above that of the list before.</param>
    /// <param name="revoked">Serial numbers, most significant byte first, and when each was taken back.</param>
    /// <param name="at">Now.</param>
    internal static string Write(X509Certificate2 authority, int number, IEnumerable<(byte[] Serial, DateTimeOffset At)> revoked, DateTimeOffset at)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var (serial, since) in revoked)
            builder.AddEntry(serial, since);
        return PemEncoding.WriteString(Label, builder.Build(authority, number, authority.NotAfter, HashAlgorithmName.SHA256, thisUpdate: at)) + "\n";
    }

    private static RevocationList Of(AsnReader list)
    {
        if (list.PeekTag() == Asn1Tag.Integer)
            list.ReadInteger();
        list.ReadSequence();
        list.ReadSequence();
        var at = Time(list);
        if (list.HasData && !list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            Time(list);
        var serials = ImmutableHashSet.CreateBuilder<BigInteger>();
        if (list.HasData && list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            var entries = list.ReadSequence();
            while (entries.HasData)
                serials.Add(entries.ReadSequence().ReadInteger());
        }

        return new RevocationList(serials.ToImmutable(), at);
    }

    private static DateTimeOffset Time(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
