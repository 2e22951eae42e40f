using System.Security.Authentication;

namespace FedKim.Audit;

/// <summary>How bytes were protected on the way, as it is written.</summary>
public static class Protection
{
    /// <summary>Not at all: they could be read and changed.</summary>
    public const string None = "none";

    /// <summary>By this version of TLS.</summary>
    public static string Of(SslProtocols? protocol) => protocol switch
    {
        SslProtocols.Tls13 => "TLS 1.3",
        SslProtocols.Tls12 => "TLS 1.2",
        null or SslProtocols.None => None,
        { } other => other.ToString(),
    };
}
