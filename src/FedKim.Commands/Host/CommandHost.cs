using System.Net;
using System.Net.Sockets;

namespace FedKim.Commands;

/// <summary>Answers commands over TCP for one node. Whatever a client sends, the host and its other clients go on.</summary>
public sealed class CommandHost : IAsyncDisposable
{
    private readonly CommandHostOptions _options;
    private readonly CommandTable _table;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _connections = [];
    private readonly Task _accepting;

    private CommandHost(CommandHostOptions options, CommandTable table, TcpListener listener)
    {
        (_options, _table, _listener) = (options, table, listener);
        Endpoint = (IPEndPoint)listener.LocalEndpoint;
        _accepting = Accept();
    }

    public IPEndPoint Endpoint { get; }

    /// <summary>Starts to listen; the host stops when it is disposed.</summary>
    /// <exception cref="InvalidOperationException">A command has no handler, the address is not loopback, or the port cannot be had.</exception>
    public static CommandHost Start(CommandHostOptions options, CommandTable table)
    {
        table.CheckComplete();
        if (!IPAddress.IsLoopback(options.Address))
            throw new InvalidOperationException($"{options.Node}: commands may only be served on loopback, not on {options.Address}. Use 127.0.0.1 and reach it through SSH.");

        var listener = new TcpListener(options.Address, options.Port);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new InvalidOperationException(
                $"{options.Node}: cannot serve commands at {new IPEndPoint(options.Address, options.Port)} ({e.SocketErrorCode}). Give this node another port, or end what holds it.", e);
        }

        return new CommandHost(options, table, listener);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Task[] open;
        lock (_connections) open = [.. _connections];
        await Task.WhenAll(open);
        _stopping.Dispose();
    }

    private async Task Accept()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Keep(client);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Out of file descriptors, or a client that was gone at once: neither may end the host, nor make it spin.
                _options.OnFault?.Invoke("A command client could not be accepted.", e);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _options.Time, CancellationToken.None);
            }
        }
    }

    private void Keep(TcpClient client)
    {
        bool full;
        lock (_connections) full = _connections.Count >= _options.MostConnections;
        var serving = new CommandConnection(_options, _table, client).ServeAsync(full, _stopping.Token);
        lock (_connections) _connections.Add(serving);
        _ = serving.ContinueWith(
            ended =>
            {
                lock (_connections) _connections.Remove(ended);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
