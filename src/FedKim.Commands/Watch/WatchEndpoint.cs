using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Commands.Host;
using FedKim.Commands.Palettes;
using FedKim.Commands.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedKim.Commands.Watch;

/// <summary>
/// Commands that a browser watches: <c>GET /commands/watch?ask={…}&amp;ask={…}</c>, each a command as it is sent to <c>/commands</c>, is answered by
/// server-sent events. <c>hello</c> says who asks, <c>answer</c> what is new of an answer, and <c>beat</c> that nothing is.
/// </summary>
public static class WatchEndpoint
{
    private const string Path = $"{CommandProtocol.Path}/watch";

    // Who hears nothing for longer knows that nobody is there.
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    /// <summary>Maps the endpoint.</summary>
    /// <param name="routes">The door's.</param>
    /// <param name="watch">What is asked for all listeners.</param>
    /// <param name="caller">Who listens.</param>
    public static IEndpointConventionBuilder MapWatch(this IEndpointRouteBuilder routes, CommandWatch watch, Func<HttpContext, Caller> caller)
    {
        RequestDelegate serve = context => ServeAsync(context, watch, caller(context));
        return routes.MapGet(Path, serve);
    }

    private static async Task ServeAsync(HttpContext context, CommandWatch watch, Caller caller)
    {
        if (OriginCheck.IsForeign(context.Request))
        {
            await CommandEndpoints.RefuseAsync(context, StatusCodes.Status403Forbidden, CommandFault.Protocol, OriginCheck.Refusal);
            return;
        }
        CommandListener listener;
        try
        {
            listener = watch.Open([.. context.Request.Query["ask"].Select(Read)]);
        }
        catch (CommandException e)
        {
            int status = e.Fault == CommandFault.Failed ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status400BadRequest;
            await CommandEndpoints.RefuseAsync(context, status, e.Fault, e.Message);
            return;
        }
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await SendAsync(context, watch, listener, caller);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The page is gone, or the node stops.
        }
        finally
        {
            watch.Close(listener);
        }
    }

    private static async Task SendAsync(HttpContext context, CommandWatch watch, CommandListener listener, Caller caller)
    {
        var gone = context.RequestAborted;
        var hello = new CommandProtocol.Hello(watch.Node, caller.Shown, caller.MayChange, watch.Time.GetUtcNow().ToUnixTimeMilliseconds());
        await context.Response.WriteAsync($"retry: 1000\nevent: hello\ndata: {JsonSerializer.Serialize(hello, WireJson.Default.Hello)}\n\n", gone);
        while (!gone.IsCancellationRequested)
        {
            await listener.WaitAsync(Beat, gone);
            var news = watch.Take(listener);
            if (news.Length > 0)
                await context.Response.Body.WriteAsync(news, gone);
            else
                await context.Response.WriteAsync("event: beat\ndata: -\n\n", gone);
        }
    }

    private static CommandInvocation Read(string? text)
    {
        try
        {
            var asked = JsonSerializer.Deserialize(text ?? "", WireJson.Default.Request) ?? throw new JsonException("null");
            return asked.Switches?.ContainsValue(null!) is true
                ? throw new JsonException("A switch is null.")
                : new CommandInvocation(asked.Palette, asked.Command, asked.Switches?.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? CommandInvocation.NoSwitches);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CommandException(CommandFault.Protocol, $"What is asked is no command: {e.Message}", e);
        }
    }
}
