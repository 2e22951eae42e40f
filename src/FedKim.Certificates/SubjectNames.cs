using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>The alternative names of a certificate's subject (RFC 5280, 4.2.1.6). .NET reads its DNS names and addresses, and not its URIs.</summary>
internal static class SubjectNames
{
    private const string AlternativeName = "2.5.29.17";
    private const int MostLetters = 253, MostLettersOfLabel = 63;
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The URIs among them, in their order.</summary>
    /// <exception cref="AsnContentException">The extension is malformed.</exception>
    public static List<string> Uris(X509ExtensionCollection extensions)
    {
        List<string> found = [];
        // A certificate has one such extension. Of one that has more, none is passed over: who reads another of them would read another name.
        foreach (var names in extensions.Where(extension => extension.Oid?.Value == AlternativeName))
        {
            var reader = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence();
            while (reader.HasData)
            {
                if (reader.PeekTag().HasSameClassAndValue(Uri))
                    found.Add(reader.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                else
                    reader.ReadEncodedValue();
            }
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
    public static string[] Hosts(IEnumerable<X509Extension> extensions)
    {
        if (extensions.FirstOrDefault(extension => extension.Oid?.Value == AlternativeName) is not { } found)
            return [];
        var names = new X509SubjectAlternativeNameExtension(found.RawData);
        return [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())];
    }

    /// <summary>Whether a text is a DNS name or an address, written as usual. An address without its last parts, such as 10.1, is none.</summary>
    public static bool IsHost(string text) => IPAddress.TryParse(text, out var address)
        ? address.ToString() == text && !text.Contains('%', StringComparison.Ordinal)
        : text.Length <= MostLetters && text.Split('.').All(label => label.Length is > 0 and <= MostLettersOfLabel && label.All(IsLetter));

    private static bool IsLetter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
