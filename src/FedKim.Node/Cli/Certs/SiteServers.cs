using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using FedKim.Certificates;

namespace FedKim.Node.Cli.Certs;

/// <summary>Where a consortium's servers are reached: a site cannot join without knowing one.</summary>
internal static partial class SiteServers
{
    /// <summary>The usual port of their doors, as hocon/reference.conf has it.</summary>
    public const int Port = 9101;

    /// <summary>Those that were named, or else those whose certificates were signed here and count; the one that asks is among them.</summary>
    /// <param name="authority">The authority.</param>
    /// <param name="named">As host:port.</param>
    /// <param name="role">Of the one that asks.</param>
    /// <param name="hosts">Where the one that asks is reached.</param>
    /// <exception cref="CertificateException">There is none, or one is not written so.</exception>
    public static ImmutableArray<string> Of(CertificateAuthority authority, IReadOnlyList<string> named, PeerRole role, IReadOnlyList<string> hosts)
    {
        if (named.FirstOrDefault(server => !IsAddress(server)) is { } wrong)
            throw new CertificateException($"--server is \"{wrong}\"; write a server as host:port, for example server.example.org:{Port} or [2001:db8::1]:{Port}.");
        var now = TimeProvider.System.GetUtcNow();
        var signed = authority.Certificates.Where(c => c.Id.Role == PeerRole.Server && c.Counts(now)).Select(c => c.Hosts);
        if (role is PeerRole.Server)
            signed = signed.Append(hosts);
        ImmutableArray<string> known = named.Count > 0 ? [.. named] : [.. signed.Where(own => own.Count > 0).Select(own => Address(own[0])).Distinct()];
        return !known.IsEmpty ? known
            : role is PeerRole.Server ? throw new CertificateException("A server is reached by others, and its request does not say where. Make it with --host, or name the servers with --server host:port.")
            : throw new CertificateException("No server was signed here yet, and a site must know where to find one. Sign the servers' requests first, or name a server with --server host:port.");
    }

    /// <summary>Whether a text says where a server is, as host:port.</summary>
    public static bool IsAddress(string text) =>
        Written().Match(text) is { Success: true } match && int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture) is > 0 and <= IPEndPoint.MaxPort;

    private static string Address(string host) =>
        IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{host}]:{Port}" : $"{host}:{Port}";

    [GeneratedRegex("^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+):(?<port>[0-9]{1,5})\\z")]
    private static partial Regex Written();
}
