using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

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
        var caller = context.Features.GetRequiredFeature<Caller>();
        if (!LeadsHere(context.Request.Host.Host))
        {
            options.OnRefused?.Invoke(caller.Account, "by a name that does not lead here, as a page in a browser does");
            await CommandEndpoints.RefuseAsync(
                context, StatusCodes.Status421MisdirectedRequest, CommandFault.Protocol, $"This is not {context.Request.Host.Host}. Ask 127.0.0.1, or localhost.");
        }
        else if (!caller.IsObeyed)
        {
            options.OnRefused?.Invoke(caller.Account, "as an account that this node does not obey");
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
            // It opens several connections for a page, and would keep them: of a few places, each is given back once it is answered.
            if (OriginCheck.IsBrowser(context.Request))
                context.Response.Headers.Connection = "close";
            caller.Asks();
            await next(context);
        }
    }

    private static bool LeadsHere(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Marks a connection for which the host has no place: it is told so, in answer to what it asks.</summary>
    internal sealed class OneTooMany;
}
