using FedKim.Certificates;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Commands.Watch;
using FedKim.Node.Links;
using FedKim.Node.Page;
using FedKim.Transfer;
using Microsoft.AspNetCore.Http;

namespace FedKim.Node.Hosting;

/// <summary>What a server offers at its door beside weights: hospitals' links, and the node's commands and its page for operators and observers.</summary>
internal static class ServerDoor
{
    /// <summary>All; without certificates nobody could say who gives a command, and there are links alone.</summary>
    /// <param name="links">The door for links.</param>
    /// <param name="isSecured">Whether peers show certificates.</param>
    /// <param name="table">The node's commands.</param>
    /// <param name="options">The node's name, and what is told of its faults.</param>
    /// <param name="watch">What its page watches.</param>
    public static WeightServerGuest Of(LinkDoor links, bool isSecured, CommandTable table, CommandHostOptions options, CommandWatch watch) => isSecured
        ? links.AsGuest().And(routes =>
        {
            routes.MapDistantCommands(table, options, CallerOf).Is(Deed.Ask);
            routes.MapPage(watch, CallerOf).Is(Deed.Ask);
        })
        : links.AsGuest();

    private static Caller CallerOf(HttpContext context) => PeerConnections.Of(context) is { } peer
        ? new Caller(peer.ToString(), IsObeyed: true) { IsHere = false, MayChange = Rights.Allow(peer.Role, Deed.Change) }
        : throw new InvalidOperationException("A command came to a server's door without a certificate.");
}
