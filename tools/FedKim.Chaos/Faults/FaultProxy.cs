using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace FedKim.Chaos.Faults;

/// <summary>
/// A TCP proxy in front of a node's port. By itself it passes on what it gets; how it passes it on can be changed at any time, for
/// connections that are open and those to come.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private const int BlockBytes = 16 * 1024;

    private readonly IPEndPoint _target;
    private readonly Func<Task<Socket>> _open;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Connection> _connections = [];
    private readonly Task _accepting;
    private volatile LinkFault _fault = LinkFault.None;

    /// <param name="listen">Where the others find the node; port 0 takes a free one.</param>
    /// <param name="target">Where the node listens.</param>
    /// <param name="open">Opens the socket towards the node, where that is in a network of its own; null for an ordinary one.</param>
    public FaultProxy(IPEndPoint listen, IPEndPoint target, Func<Task<Socket>>? open = null)
    {
        _target = target;
        _open = open ?? (() => Task.FromResult(new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp)));
        _listener = new TcpListener(listen);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>How connections are passed on from now on.</summary>
    public LinkFault Fault
    {
        get => _fault;
        set => _fault = value;
    }

    /// <summary>Breaks every open connection; what is under way is lost.</summary>
    public void Break()
    {
        lock (_gate)
        {
            foreach (var connection in _connections)
                connection.Reset();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        await _accepting;
        Task[] open;
        lock (_gate)
            open = [.. _connections.Select(c => c.Completion)];
        Break();
        await Task.WhenAll(open);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_ending.Token);
                var connection = new Connection(this, near);
                lock (_gate)
                    _connections.Add(connection);
                connection.Completion = RunAsync(connection);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The proxy ends.
        }
    }

    private async Task RunAsync(Connection connection)
    {
        await connection.RunAsync(_target);
        lock (_gate)
            _connections.Remove(connection);
    }

    private sealed class Connection(FaultProxy proxy, Socket near)
    {
        private readonly CancellationTokenSource _broken = CancellationTokenSource.CreateLinkedTokenSource(proxy._ending.Token);
        private long _passed;

        public Task Completion { get; set; } = Task.CompletedTask;

        public void Reset()
        {
            try
            {
                _broken.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended by itself.
            }
        }

        public async Task RunAsync(IPEndPoint target)
        {
            using (_broken)
            using (near)
            {
                try
                {
                    using var far = await proxy._open();
                    await JoinAsync(far, target);
                }
                catch (SocketException)
                {
                    near.LingerState = new LingerOption(true, 0);
                }
            }
        }

        private async Task JoinAsync(Socket far, IPEndPoint target)
        {
            try
            {
                near.NoDelay = far.NoDelay = true;
                await far.ConnectAsync(target, _broken.Token);
                await Task.WhenAll(PassAsync(near, far, answers: false), PassAsync(far, near, answers: true));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // A reset, not a close: what is under way is lost, as when a cable is pulled.
                near.LingerState = far.LingerState = new LingerOption(true, 0);
            }
        }

        // Reading and writing are two loops: what is delayed is delayed once, not block after block.
        private async Task PassAsync(Socket from, Socket to, bool answers)
        {
            var way = Channel.CreateUnbounded<(byte[] Block, long Due)>();
            await Task.WhenAll(Whole(ReadAsync), Whole(WriteAsync));

            // What fails on one side ends the other three loops too.
            async Task Whole(Func<Task> loop)
            {
                try
                {
                    await loop();
                }
                catch
                {
                    Reset();
                    throw;
                }
            }

            async Task ReadAsync()
            {
                byte[] buffer = new byte[BlockBytes];
                while (await from.ReceiveAsync(buffer, _broken.Token) is var read and > 0)
                {
                    var fault = proxy._fault;
                    if (answers && fault.LosesAnswers)
                        throw new OperationCanceledException("The answer is lost.");
                    if (fault.ResetAfter > 0 && Interlocked.Add(ref _passed, read) > fault.ResetAfter)
                        throw new OperationCanceledException("The connection breaks here.");
                    if (fault.BytesPerSecond > 0)
                        await Task.Delay(TimeSpan.FromSeconds((double)read / fault.BytesPerSecond), _broken.Token);
                    way.Writer.TryWrite((buffer[..read], Environment.TickCount64 + (long)fault.Delay.TotalMilliseconds));
                }

                way.Writer.Complete();
            }

            async Task WriteAsync()
            {
                await foreach (var (block, due) in way.Reader.ReadAllAsync(_broken.Token))
                {
                    if (due - Environment.TickCount64 is > 0 and var early)
                        await Task.Delay((int)early, _broken.Token);
                    for (int sent = 0; sent < block.Length;)
                        sent += await to.SendAsync(block.AsMemory(sent), _broken.Token);
                }

                to.Shutdown(SocketShutdown.Send);
            }
        }
    }
}
