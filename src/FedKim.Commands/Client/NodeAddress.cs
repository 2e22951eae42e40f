using System.Globalization;
using System.Net;

namespace FedKim.Commands.Client;

/// <summary>Where a node's command host listens: <c>host:port</c>, with an IPv6 address in brackets.</summary>
public sealed record NodeAddress(string Host, int Port)
{
    /// <summary>Where the first node of a machine listens.</summary>
    public const int DefaultPort = 9110;

    public static NodeAddress Default { get; } = new("127.0.0.1", DefaultPort);

    /// <summary>The address that the text gives, null if it gives none.</summary>
    public static NodeAddress? TryParse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0)
            return null;
        string host = text[..colon];
        if (host is ['[', .., ']'])
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return null;
        return Uri.CheckHostName(host) != UriHostNameType.Unknown
            && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > IPEndPoint.MinPort and <= IPEndPoint.MaxPort
            ? new NodeAddress(host, port)
            : null;
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
