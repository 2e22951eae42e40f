using FedKim.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace FedKim.Transfer;

/// <summary>
/// Lets a certified peer do what its role may, at every endpoint of a server's door: an endpoint says which deed it is, and one that says none nobody
/// reaches.
/// </summary>
public static class RightsCheck
{
    /// <summary>Says which deed an endpoint is.</summary>
    public static T Is<T>(this T endpoint, Deed deed) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new Wants(deed));

    /// <summary>Which deed a request is; null where its endpoint says none, and where it has none.</summary>
    internal static Deed? DeedOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Wants>()?.Deed;

    /// <summary>Checks every request before its endpoint runs.</summary>
    /// <param name="application">The server.</param>
    /// <param name="peers">The connections that it takes.</param>
    public static void UseRights(this WebApplication application, PeerConnections peers) =>
        application.Use(async (context, next) =>
        {
            if (context.GetEndpoint() is not { } endpoint)
            {
                await next(context);
                return;
            }
            var peer = PeerConnections.Of(context);
            if (peer is not null && endpoint.Metadata.GetMetadata<Wants>() is { } wants && Rights.Allow(peer.Role, wants.Deed))
            {
                await next(context);
                return;
            }
            // Its path is text of the peer's, and one of the server's own endpoints by now.
            peers.Told(peer, $"is refused {context.Request.Method} {endpoint.DisplayName}");
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"{peer?.ToString() ?? "Nobody"} may not do this.", context.RequestAborted);
        });

    private sealed record Wants(Deed Deed);
}
