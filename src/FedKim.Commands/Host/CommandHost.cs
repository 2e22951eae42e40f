using System.Net;
using System.Net.Sockets;
using FedKim.Commands.Handlers;
using FedKim.Commands.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedKim.Commands.Host;

/// <summary>
/// A node's door for whoever works on its machine: a web server on loopback that answers commands, and what else is mapped onto it. Whatever a
/// client sends, the host and its other clients go on.
/// </summary>
public sealed class CommandHost : IAsyncDisposable
{
    private const int MostOthers = 4;

    private readonly WebApplication _application;

    private CommandHost(CommandHostOptions options, WebApplication application)
    {
        _application = application;
        Endpoint = new IPEndPoint(options.Address, new Uri(application.Urls.Single()).Port);
    }

    public IPEndPoint Endpoint { get; }

    /// <summary>Starts to listen; the host stops when it is disposed.</summary>
    /// <param name="more">Maps what else is served at this door.</param>
    /// <exception cref="InvalidOperationException">The address is not loopback, or the port cannot be had.</exception>
    public static async Task<CommandHost> StartAsync(CommandHostOptions options, CommandTable table, Action<IEndpointRouteBuilder>? more = null)
    {
        if (!IPAddress.IsLoopback(options.Address))
            throw new InvalidOperationException($"{options.Node}: commands may only be served on loopback, not on {options.Address}. Use 127.0.0.1 and reach it through SSH.");

        // The empty builder reads no environment, no settings file and logs nothing. It wants a folder that this account may enter, as the current
        // one need not be.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NodeLifetime>();
        var application = builder.Build();
        try
        {
            application.Use((context, next) => CallerCheck.RunAsync(context, next, options));
            application.MapCommands(table, options);
            more?.Invoke(application);
            await application.StartAsync();
            return new CommandHost(options, application);
        }
        catch (Exception e)
        {
            await application.DisposeAsync();
            if (e.GetBaseException() is not SocketException socket)
                throw;
            throw new InvalidOperationException(
                $"{options.Node}: cannot serve commands at {new IPEndPoint(options.Address, options.Port)} ({socket.SocketErrorCode}). Give this node another port, or end what holds it.", e);
        }
    }

    /// <summary>Stops listening and ends the commands that run; their clients see that the answer is not complete.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, CommandHostOptions options)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = CommandProtocol.LongestCommand;
        limits.RequestHeadersTimeout = options.HeadWithin;
        limits.KeepAliveTimeout = options.IdleFor;
        limits.MinResponseDataRate = new MinDataRate(options.SlowestRead, options.StalledFor);
        // One client too many is told so. Kestrel would cut it off without a word: that is for those who do not listen.
        limits.MaxConcurrentConnections = 2 * options.MostConnections;
        int open = 0, others = 0;
        kestrel.Listen(options.Address, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => async connection =>
            {
                // Asked before a byte is read: of a connection that is over nobody knows any more whose it was. Whose it is not takes no place.
                var caller = connection is { LocalEndPoint: IPEndPoint here, RemoteEndPoint: IPEndPoint there }
                    ? CallerAccount.Of(here, there)
                    : new Caller("unknown", IsObeyed: false);
                connection.Features.Set(caller);
                if (!caller.IsObeyed)
                {
                    await TellOther(connection, next);
                    return;
                }
                if (Interlocked.Increment(ref open) > options.MostConnections)
                    connection.Features.Set(new CallerCheck.OneTooMany());
                try
                {
                    await next(connection);
                }
                finally
                {
                    Interlocked.Decrement(ref open);
                }
            });
        });

        // Another account is told so, a few at a time.
        async Task TellOther(ConnectionContext connection, ConnectionDelegate next)
        {
            try
            {
                if (Interlocked.Increment(ref others) > MostOthers)
                {
                    connection.Abort();
                    return;
                }
                await next(connection);
            }
            finally
            {
                Interlocked.Decrement(ref others);
            }
        }
    }

    /// <summary>Signals are the node's to hear; it ends its host in its own order.</summary>
    private sealed class NodeLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancel) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;
    }
}
