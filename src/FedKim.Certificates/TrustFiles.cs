namespace FedKim.Certificates;

/// <summary>The files by which a node is known and knows others, each in PEM.</summary>
/// <param name="Authority">Certificates of those who are trusted to sign; authorities between them and a site may stand beside them.</param>
/// <param name="Certificate">The node's certificate, and after it those between it and the authority.</param>
/// <param name="Key">Its key.</param>
/// <param name="Revoked">The authority's list of revoked certificates; null for a consortium that keeps none.</param>
public sealed record TrustFiles(string Authority, string Certificate, string Key, string? Revoked)
{
    /// <summary>Those in a folder, under the names that a bundle's have.</summary>
    public static TrustFiles In(string folder)
    {
        string revoked = Path.Combine(folder, CertificateAuthority.RevokedName);
        return new TrustFiles(
            Path.Combine(folder, CertificateAuthority.CertificateName), Path.Combine(folder, SiteBundle.CertificateName), Path.Combine(folder, SiteRequest.KeyName),
            File.Exists(revoked) ? revoked : null);
    }
}
