using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>The alternative names of a certificate's subject (RFC 5280, 4.2.1.6). .NET reads its DNS names and addresses, and not its URIs.</summary>
internal static class SubjectNames
{
    private const string AlternativeName = "2.5.29.17";
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The URIs among them, in their order.</summary>
    /// <exception cref="AsnContentException">The extension is malformed.</exception>
    public static List<string> Uris(X509ExtensionCollection extensions)
    {
        List<string> found = [];
        if (extensions.FirstOrDefault(extension => extension.Oid?.Value == AlternativeName) is not { } names)
            return found;
        var reader = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            if (reader.PeekTag().HasSameClassAndValue(Uri))
                found.Add(reader.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
            else
                reader.ReadEncodedValue();
        }

        return found;
    }

    /// <summary>The extension that says these names.</summary>
    /// <param name="id">Who the subject is; null for a request, which does not know its consortium.</param>
    /// <param name="hosts">DNS names and addresses under which it is reached.</param>
    public static X509Extension Extension(PeerId? id, IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (id is not null)
            names.AddUri(new Uri(id.ToString()));
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        return names.Build();
    }

    /// <summary>DNS names and addresses, as they are written.</summary>
    public static string[] Hosts(IEnumerable<X509Extension> extensions) =>
        extensions.FirstOrDefault(extension => extension.Oid?.Value == AlternativeName) is { } found
            ? [.. new X509SubjectAlternativeNameExtension(found.RawData) is var names ? names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(a => a.ToString())) : []]
            : [];
}
