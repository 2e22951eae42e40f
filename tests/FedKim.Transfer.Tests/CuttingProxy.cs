using System.Net;
using System.Net.Sockets;

namespace FedKim.Transfer.Tests;

/// <summary>A TCP proxy on loopback that resets its first connections, each after a given number of bytes in both directions together.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly Uri _target;
    private readonly Queue<long> _cuts;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;

    internal CuttingProxy(Uri target, IEnumerable<long> cuts)
    {
        (_target, _cuts) = (target, new Queue<long>(cuts));
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    internal Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var accepted = await _listener.AcceptSocketAsync(_ending.Token);
                _connections.Add(ForwardAsync(accepted, _cuts.TryDequeue(out long cut) ? cut : long.MaxValue));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The proxy ends.
        }
    }

    private async Task ForwardAsync(Socket near, long budget)
    {
        using (near)
        using (var far = new Socket(SocketType.Stream, ProtocolType.Tcp))
        using (var cut = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token))
        {
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, _target.Port, cut.Token);
                await Task.WhenAll(PumpAsync(near, far), PumpAsync(far, near));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // A reset, not a close: what is under way is lost, as when a cable is pulled.
                near.LingerState = far.LingerState = new LingerOption(true, 0);
            }

            async Task PumpAsync(Socket from, Socket to)
            {
                byte[] buffer = new byte[64 * 1024];
                try
                {
                    while (await from.ReceiveAsync(buffer, cut.Token) is var read and > 0)
                    {
                        long allowed = Math.Min(read, Interlocked.Add(ref budget, -read) + read);
                        if (allowed > 0)
                            await to.SendAsync(buffer.AsMemory(0, (int)allowed), cut.Token);
                        if (allowed < read)
                            await cut.CancelAsync();
                    }

                    to.Shutdown(SocketShutdown.Send);
                }
                catch
                {
                    await cut.CancelAsync();
                    throw;
                }
            }
        }
    }
}
