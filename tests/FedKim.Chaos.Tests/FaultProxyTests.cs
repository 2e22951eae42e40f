using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FedKim.Chaos.Faults;

namespace FedKim.Chaos.Tests;

public sealed class FaultProxyTests : IAsyncDisposable
{
    private readonly TcpListener _echo = new(IPAddress.Loopback, 0);
    private readonly FaultProxy _proxy;
    private readonly List<byte> _arrived = [];

    public FaultProxyTests()
    {
        _echo.Start();
        _ = EchoAsync();
        _proxy = new FaultProxy(new IPEndPoint(IPAddress.Loopback, 0), (IPEndPoint)_echo.LocalEndpoint);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _echo.Dispose();
    }

    [Fact]
    public async Task By_itself_it_passes_on_every_byte()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];

        Assert.Equal(bytes, await AskAsync(bytes));
    }

    [Fact]
    public async Task A_late_link_is_late_once_each_way_however_much_it_carries()
    {
        _proxy.Fault = new LinkFault { Delay = TimeSpan.FromMilliseconds(150) };
        var watch = Stopwatch.StartNew();

        await AskAsync(new byte[200_000]);

        Assert.InRange(watch.ElapsedMilliseconds, 290, 3_000);
    }

    [Fact]
    public async Task A_slow_link_takes_the_time_its_rate_asks_for()
    {
        _proxy.Fault = new LinkFault { BytesPerSecond = 100_000 };
        var watch = Stopwatch.StartNew();

        await AskAsync(new byte[50_000]);

        Assert.True(watch.ElapsedMilliseconds >= 450, $"{watch.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task A_breaking_link_resets_connections_after_its_bytes()
    {
        _proxy.Fault = new LinkFault { ResetAfter = 10_000 };

        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(new byte[50_000]));
        Assert.Equal(3, (await AskAsync([1, 2, 3])).Length);
    }

    [Fact]
    public async Task Where_answers_are_lost_the_question_has_arrived()
    {
        _proxy.Fault = new LinkFault { LosesAnswers = true };

        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync([1, 2, 3]));
        lock (_arrived)
            Assert.Equal([1, 2, 3], _arrived);
    }

    private async Task<byte[]> AskAsync(byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_proxy.Address);
        var stream = client.GetStream();
        var send = stream.WriteAsync(bytes).AsTask();
        byte[] answer = new byte[bytes.Length];
        await stream.ReadExactlyAsync(answer);
        await send;
        return answer;
    }

    private async Task EchoAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _echo.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            byte[] buffer = new byte[4096];
            try
            {
                while (await client.GetStream().ReadAsync(buffer) is var read and > 0)
                {
                    lock (_arrived)
                        _arrived.AddRange(buffer[..read]);
                    await client.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }
            }
            catch (IOException)
            {
                // The connection was broken, which is what some tests are about.
            }
        }
    }
}
