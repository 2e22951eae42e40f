using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Commands.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedKim.Commands.Host;

/// <summary>
/// A node's commands over HTTP. <c>GET /commands</c> tells what there is, <c>POST /commands</c> runs one and answers with its rows as they come, a
/// line of JSON each. A client that goes away, and a host that stops, ends its command.
/// </summary>
public static class CommandEndpoints
{
    /// <summary>Maps the endpoints; the group returned takes further conventions, such as authorization.</summary>
    public static RouteGroupBuilder MapCommands(this IEndpointRouteBuilder routes, CommandTable table, CommandHostOptions options)
    {
        var greeting = new CommandProtocol.Greeting(CommandProtocol.Version, options.Node, table.Palettes.All);
        // As request delegates: nothing is to be worked out, and compiled, from their signatures at a node's start.
        RequestDelegate greet = context => context.Response.WriteAsJsonAsync(greeting, WireJson.Default.Greeting, cancellationToken: context.RequestAborted);
        RequestDelegate run = context => RunAsync(context, table, options);
        var group = routes.MapGroup(CommandProtocol.Path);
        group.MapGet("", greet);
        group.MapPost("", run);
        return group;
    }

    /// <summary>Ends an answer with why it is none, or not complete.</summary>
    internal static Task RefuseAsync(HttpContext context, int status, CommandFault fault, string reason)
    {
        if (!context.Response.HasStarted)
            (context.Response.StatusCode, context.Response.ContentType) = (status, CommandProtocol.Lines);
        return LineAsync(context, new CommandProtocol.Broken(new CommandProtocol.Reason(fault, Bounded(reason))), WireJson.Default.Broken);
    }

    private static async Task RunAsync(HttpContext context, CommandTable table, CommandHostOptions options)
    {
        // A page of another origin cannot send this type without asking the port first whether it may, and the port gives no such leave; a form
        // cannot send it at all.
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, CommandFault.Protocol, "A command is sent as application/json.");
            return;
        }

        if (OriginCheck.IsForeign(context.Request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, CommandFault.Protocol, OriginCheck.Refusal);
            return;
        }

        if (await ReadAsync(context) is not { } request)
            return;
        string name = $"{request.Palette} {request.Command}";
        try
        {
            var invocation = table.Palettes.Complete(new CommandInvocation(
                request.Palette, request.Command, request.Switches?.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? CommandInvocation.NoSwitches));
            var command = table.Palettes.Command(request.Palette, request.Command);
            using var late = new CancellationTokenSource(command.Within, options.Time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token);
            try
            {
                await SendAsync(context, table.Answer(invocation, stop.Token), stop.Token);
            }
            catch (OperationCanceledException e) when (late.IsCancellationRequested)
            {
                throw new CommandException(
                    CommandFault.Failed, $"'{name}' had no answer at {options.Node} within {command.Limit:0.##} s. The node may have lost the server; 'cluster show' tells.", e);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone or the host stops: there is nobody to tell.
        }
        catch (CommandException e)
        {
            await RefuseAsync(context, e.Fault == CommandFault.Usage ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict, e.Fault, e.Message);
        }
        catch (Exception e)
        {
            options.OnFault?.Invoke($"The command '{name}' failed.", e);
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, CommandFault.Failed, $"'{name}' failed at {options.Node}{Why(e)}");
        }
    }

    // An error's text may name what is on this machine: that is for its own people.
    private static string Why(Exception e) => Caller.Now is { IsHere: false } ? "; its log says why." : $": {e.Message}";

    /// <returns>What is asked for; null where it was refused.</returns>
    private static async Task<CommandProtocol.Request?> ReadAsync(HttpContext context)
    {
        try
        {
            var request = await context.Request.ReadFromJsonAsync(WireJson.Default.Request, context.RequestAborted) ?? throw new JsonException("null");
            return request.Switches?.ContainsValue(null!) is true ? throw new JsonException("A switch is null.") : request;
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode, CommandFault.Protocol, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? $"A command is longer than {CommandProtocol.LongestCommand} bytes."
                : e.Message);
        }
        // A text that is no Unicode is reported as an invalid operation.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, CommandFault.Protocol, $"What was sent is no command: {e.Message}");
        }

        return null;
    }

    /// <summary>Sends a handler's rows. A handler that does not heed its cancellation is left behind.</summary>
    private static async Task SendAsync(HttpContext context, IAsyncEnumerable<CommandRow> answer, CancellationToken stop)
    {
        var rows = answer.GetAsyncEnumerator(stop);
        var step = Task.FromResult(false);
        try
        {
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                step = rows.MoveNextAsync().AsTask();
                bool more = await step.WaitAsync(stop);
                if (!context.Response.HasStarted)
                    context.Response.ContentType = CommandProtocol.Lines;
                if (!more)
                    return;
                await LineAsync(context, rows.Current, WireJson.Default.CommandRow);
            }
        }
        finally
        {
            if (step.IsCompleted)
                await rows.DisposeAsync();
        }
    }

    private static async Task LineAsync<T>(HttpContext context, T content, JsonTypeInfo<T> type)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
            JsonSerializer.Serialize(json, content, type);
        line.Write("\n"u8);
        await context.Response.Body.WriteAsync(line.WrittenMemory, context.RequestAborted);
    }

    /// <summary>A message fit for one line, also when it quotes what the client sent.</summary>
    private static string Bounded(string message) => OneLine.Of(message.Length <= 1000 ? message : message[..1000] + "…");
}
