using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Commands.Palettes;
using Microsoft.AspNetCore.Routing;

namespace FedKim.Commands.Tests;

/// <summary>A command host on a free loopback port whose commands show every way to answer.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly CommandSwitch Pause = new("pause", "p", "Rows after which it falls silent.", SwitchKind.Number, Default: "3");

    private readonly TaskCompletionSource _ticksEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CommandHost? _host;

    public static async Task<TestNode> StartAsync(Func<CommandHostOptions, CommandHostOptions>? configure = null, Action<IEndpointRouteBuilder>? more = null)
    {
        var node = new TestNode();
        var options = new CommandHostOptions("test-node") { Port = 0, OnFault = (what, _) => node.Faults.Enqueue(what) };
        node._host = await CommandHost.StartAsync(configure?.Invoke(options) ?? options, node.Table(), more);
        return node;
    }

    public static ImmutableArray<CommandPalette> Palettes { get; } = new TestNode().Table().Palettes.All;

    public NodeAddress Address => new("127.0.0.1", _host!.Endpoint.Port);

    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Ends when the handler of <c>test ticks</c> has been cancelled.</summary>
    public Task TicksEnded => _ticksEnded.Task.WaitAsync(Patience);

    public Task<CommandClient> Connect() => CommandClient.ConnectAsync(Address, Patience);

    /// <summary>A bare connection, to send what no client would.</summary>
    public async Task<RawClient> ConnectRaw()
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(Address.Host, Address.Port);
        return new RawClient(tcp);
    }

    public static async Task<List<CommandRow>> All(IAsyncEnumerable<CommandRow> rows)
    {
        var all = new List<CommandRow>();
        await foreach (var row in rows)
            all.Add(row);
        return all;
    }

    public ValueTask DisposeAsync() => _host!.DisposeAsync();

    private CommandTable Table()
    {
        var round = new Palette<TestNode>("round", "Rounds.");
        var test = new Palette<TestNode>("test", "Ways to answer.");
        var number = new CommandSwitch("round", "r", "The round's number.", SwitchKind.Number, Required: true);
        var text = new CommandSwitch("text", "t", "What to say.", Required: true);
        var times = new CommandSwitch("times", "n", "How often.", SwitchKind.Number, Default: "1");
        var loud = new CommandSwitch("loud", "l", "In capitals.", SwitchKind.Flag);
        var site = new CommandSwitch("site", "s", "The site.", Required: true);
        return CommandTable.Of(
            this,
            round.Rows("list", "Lists the rounds.", [], (_, _, _) => Task.FromResult<IReadOnlyList<CommandRow>>([Round(1), Round(2)])),
            round.Item("show", "Shows one round.", [number], (_, asked, _) => Task.FromResult(Round(asked.Number(number)!.Value))),
            test.Message("echo", "Says what it was told.", [text, times, loud], (_, asked, _) =>
            {
                string said = string.Concat(Enumerable.Repeat(asked.Text(text), (int)asked.Number(times)!.Value));
                return Task.FromResult(asked.Flag(loud) ? said.ToUpperInvariant() : said);
            }),
            test.Message("drop", "Drops a site.", [site], (_, asked, _) => Task.FromResult($"Dropped {asked.Text(site)}.")).Asking("Drop {site}?").Formerly("remove"),
            test.Stream("ticks", "Counts up without end.", [Pause], (node, asked, cancel) => node.Ticks(asked, cancel)),
            test.Rows("refuse", "Fails with a reason.", [], (_, _, _) => throw new CommandException(CommandFault.Failed, "There is no federation. Submit one.")),
            test.Stream("crash", "Fails unforeseen, after a row.", [], (_, _, cancel) => Crash(cancel)),
            test.Item("hang", "Never answers and does not heed its cancellation.", [], (_, _, _) => new TaskCompletionSource<CommandRow>().Task, limit: 0.05),
            test.Rows("huge", "Answers with long rows, twice.", [], (_, _, _) => Task.FromResult<IReadOnlyList<CommandRow>>(
                [CommandRow.Message(new string('"', 2 * 1024 * 1024)), CommandRow.Message(new string('x', 3 * 1024 * 1024))])));
    }

    private static CommandRow Round(long number) =>
        CommandRow.Of(("round", number), ("phase", "Training"), ("loss", 0.43219), ("cause", (string?)null), ("clients", new[] { "a", "b" }));

    private async IAsyncEnumerable<CommandRow> Ticks(CommandInvocation asked, [EnumeratorCancellation] CancellationToken cancel)
    {
        try
        {
            for (int tick = 1; tick <= asked.Number(Pause); tick++)
                yield return CommandRow.Of(("tick", tick));
            await Task.Delay(Timeout.Infinite, cancel);
        }
        finally
        {
            _ticksEnded.TrySetResult();
        }
    }

    private static async IAsyncEnumerable<CommandRow> Crash([EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Yield();
        yield return Round(1);
        throw new FormatException("line one\nline two");
    }
}

/// <summary>A bare connection that sends any bytes and reads lines.</summary>
internal sealed class RawClient(TcpClient tcp) : IDisposable
{
    private readonly StreamReader _reader = new(tcp.GetStream(), Encoding.UTF8);

    /// <summary>A request to the command endpoint, with whatever head and body.</summary>
    public static string Post(string body, string head = "Host: 127.0.0.1\r\nContent-Type: application/json\r\n") =>
        $"POST /commands HTTP/1.1\r\n{head}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public Task Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends what it can: the host may have hung up already.</summary>
    public async Task Send(byte[] bytes)
    {
        try
        {
            await tcp.GetStream().WriteAsync(bytes);
        }
        catch (IOException)
        {
        }
    }

    public void EndSending() => tcp.Client.Shutdown(SocketShutdown.Send);

    /// <returns>The next line, null when the host has hung up.</returns>
    public Task<string?> Line() => _reader.ReadLineAsync().WaitAsync(TestNode.Patience);

    /// <returns>The first line from here on that holds the text.</returns>
    public async Task<string> LineWith(string text)
    {
        while (true)
        {
            string line = await Line() ?? throw new EndOfStreamException($"The host hung up before it said {text}.");
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }
    }

    /// <returns>All that comes until the host hangs up.</returns>
    public async Task<string> Rest()
    {
        try
        {
            return await _reader.ReadToEndAsync().WaitAsync(TestNode.Patience);
        }
        catch (IOException)
        {
            return "";
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        tcp.Dispose();
    }
}
