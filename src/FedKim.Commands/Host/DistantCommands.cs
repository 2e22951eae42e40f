using FedKim.Commands.Handlers;
using FedKim.Commands.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace FedKim.Commands.Host;

/// <summary>A node's commands at a door that others than this machine's people reach: the same, asked by who the door says it is.</summary>
public static class DistantCommands
{
    /// <summary>Maps the endpoints; the group returned takes further conventions, such as authorization.</summary>
    /// <param name="routes">The door's.</param>
    /// <param name="table">The commands.</param>
    /// <param name="options">The node's name, and what is told of its faults.</param>
    /// <param name="caller">Who asks.</param>
    public static RouteGroupBuilder MapDistantCommands(this IEndpointRouteBuilder routes, CommandTable table, CommandHostOptions options, Func<HttpContext, Caller> caller)
    {
        int running = 0;
        var group = routes.MapCommands(table, options);
        ((IEndpointConventionBuilder)group).Add(endpoint =>
        {
            var run = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = async context =>
            {
                // The door takes models, which are longer.
                if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                    size.MaxRequestBodySize = CommandProtocol.LongestCommand;
                caller(context).Asks();
                try
                {
                    // A connection carries many at a time.
                    await (Interlocked.Increment(ref running) <= options.MostConnections
                        ? run(context)
                        : CommandEndpoints.RefuseAsync(
                            context, StatusCodes.Status503ServiceUnavailable, CommandFault.Failed, $"The node answers {options.MostConnections} commands already. Try later."));
                }
                finally
                {
                    Interlocked.Decrement(ref running);
                }
            };
        });
        return group;
    }
}
