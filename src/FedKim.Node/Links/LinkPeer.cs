using System.Net;
using FedKim.Certificates;
using FedKim.Configuration;
using FedKim.Rounds;
using FedKim.Transfer;
using Microsoft.AspNetCore.Http;

namespace FedKim.Node.Links;

/// <summary>Who is at the other end of a connection, and may open a link: the one place that says so.</summary>
/// <param name="Site">The site's name.</param>
/// <param name="From">Its address, for people.</param>
internal sealed record LinkPeer(ClientId Site, string From)
{
    /// <summary>The header in which a site says who it is where no certificate does.</summary>
    public const string SiteHeader = "fedkim-site";

    /// <summary>Takes the call's own word for it, as befits a network on which nobody lies; null where it gives no name.</summary>
    public static LinkPeer? ByHeader(HttpContext call) =>
        call.Request.Headers[SiteHeader] is [{ } name] && Names.IsValid(name) ? new LinkPeer(new ClientId(name), AddressOf(call)) : null;

    /// <summary>Goes by the certificate of the call's connection; null where that is no hospital's.</summary>
    public static LinkPeer? ByCertificate(HttpContext call) =>
        PeerConnections.Of(call) is { Role: PeerRole.Hospital } peer ? new LinkPeer(new ClientId(peer.Site), AddressOf(call)) : null;

    /// <summary>The address that a call comes from, for people.</summary>
    public static string AddressOf(HttpContext call) => call.Connection.RemoteIpAddress is { } address
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : IPAddress.None.ToString();
}
