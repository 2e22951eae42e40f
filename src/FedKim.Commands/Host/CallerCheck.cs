using System.Net;
using Microsoft.AspNetCore.Http;

namespace FedKim.Commands.Host;

/// <summary>
/// Sends away whom the port is not for, whatever is asked. A browser on this machine reaches loopback too, with pages from anywhere in it: one whose
/// own name was made to lead to 127.0.0.1 (DNS rebinding) is of the port's own origin for the browser. It cannot hide that name: the Host header
/// holds it.
/// </summary>
internal static class CallerCheck
{
    public static async Task RunAsync(HttpContext context, RequestDelegate next, CommandHostOptions options)
    {
        if (!LeadsHere(context.Request.Host.Host))
        {
            await CommandEndpoints.RefuseAsync(
                context, StatusCodes.Status421MisdirectedRequest, CommandFault.Protocol, $"This is not {context.Request.Host.Host}. Ask 127.0.0.1, or localhost.");
        }
        else if (context.Features.Get<OtherAccount>() is not null)
        {
            context.Response.Headers.Connection = "close";
            await CommandEndpoints.RefuseAsync(
                context, StatusCodes.Status403Forbidden, CommandFault.Failed, $"{options.Node} obeys the account it runs under, and root: ask as one of them.");
        }
        else if (context.Features.Get<OneTooMany>() is not null)
        {
            context.Response.Headers.Connection = "close";
            await CommandEndpoints.RefuseAsync(
                context, StatusCodes.Status503ServiceUnavailable, CommandFault.Failed, $"The node serves {options.MostConnections} command clients already. End one, or try later.");
        }
        else
        {
            await next(context);
        }
    }

    private static bool LeadsHere(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Marks a connection of another account's: it is told so.</summary>
    internal sealed class OtherAccount;

    /// <summary>Marks a connection for which the host has no place: it is told so, in answer to what it asks.</summary>
    internal sealed class OneTooMany;
}
