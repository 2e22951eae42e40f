using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FedKim.Node.Tests;

/// <summary>
/// A proxy on loopback that can be cut, and frozen so that nothing passes and nobody is told. Without a target it is one of HTTP, which opens
/// tunnels to whatever <c>CONNECT</c> names.
/// </summary>
internal sealed class LinkProxy : IAsyncDisposable
{
    private readonly int? _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _connections = [];
    private readonly List<string> _asked = [];
    private readonly Task _accepting;
    private CancellationTokenSource _cut = new();
    private TaskCompletionSource _thawed = new();

    public LinkProxy(int? target = null)
    {
        _target = target;
        _thawed.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What was to be connected with.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_asked)
                return [.. _asked];
        }
    }

    /// <summary>Ends every connection that is open.</summary>
    public void Cut() => Interlocked.Exchange(ref _cut, new CancellationTokenSource()).Cancel();

    /// <summary>From now on nothing passes on any connection.</summary>
    public void Freeze() => _thawed = new TaskCompletionSource();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Cut();
        _thawed.TrySetResult();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_ending.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The proxy ends.
        }
    }

    private async Task ForwardAsync(TcpClient accepted)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, Volatile.Read(ref _cut).Token);
        try
        {
            using var near = accepted;
            using var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, _target ?? await ConnectAsync(near.GetStream(), end.Token), end.Token);
            await Task.WhenAny(PumpAsync(near, far, end.Token), PumpAsync(far, near, end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // The connection ends.
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, CancellationToken end)
    {
        byte[] buffer = new byte[8192];
        while (await from.GetStream().ReadAsync(buffer, end) is > 0 and var read)
        {
            await _thawed.Task.WaitAsync(end);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), end);
        }
    }

    private async Task<int> ConnectAsync(NetworkStream near, CancellationToken end)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await near.ReadAsync(one, end) == 1)
            head.Append((char)one[0]);
        string asked = head.ToString().Split(' ') is ["CONNECT", var name, ..] ? name : throw new IOException($"No tunnel: {head}");
        lock (_asked)
            _asked.Add(asked);
        await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), end);
        return int.Parse(asked.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
