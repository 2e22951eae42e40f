using System.Net;
using System.Net.Sockets;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Commands.Parsing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace FedKim.Commands.Tests;

public sealed class CommandHostTests
{
    private const string Json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";

    private const string Lines = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n";

    private static readonly CommandInvocation List = new("round", "list");

    [Fact]
    public async Task A_client_learns_the_palettes_from_the_node()
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        Assert.Equal("test-node", client.Node);
        Assert.Equal(HelpText.For(new PaletteSet(TestNode.Palettes), null, null), HelpText.For(client.Palettes, null, null));
    }

    [Fact]
    public async Task A_command_answers_with_the_handler_s_rows()
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        var rows = await TestNode.All(client.InvokeAsync(List));
        Assert.Equal(["1 | Training | 0.4322 | - | a, b", "2 | Training | 0.4322 | - | a, b"], rows.Select(AnswerWriter.Text));
        rows = await TestNode.All(client.InvokeAsync(new CommandInvocation("test", "echo").With("text", "ü\"\n").With("times", "2").With("loud", "true")));
        Assert.Equal("Ü\"\nÜ\"\n", rows.Single()["message"].ToString());
    }

    [Fact]
    public async Task Clients_at_the_same_time_get_their_own_answers()
    {
        await using var node = await TestNode.StartAsync();
        await Task.WhenAll(Enumerable.Range(1, 16).Select(async number =>
        {
            await using var client = await node.Connect();
            for (int i = 0; i < 10; i++)
            {
                var show = new CommandInvocation("round", "show").With("round", $"{number * 100 + i}");
                Assert.Equal($"{number * 100 + i}", (await TestNode.All(client.InvokeAsync(show))).Single()["round"].ToString());
            }
        }));
    }

    [Theory]
    [InlineData("refuse", "There is no federation. Submit one.", false)]
    [InlineData("crash", "'test crash' failed at test-node: line one line two", true)]
    public async Task A_handler_that_fails_is_one_error_line_and_the_session_goes_on(string command, string message, bool logged)
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        var e = await Assert.ThrowsAsync<CommandException>(() => TestNode.All(client.InvokeAsync(new CommandInvocation("test", command))));
        Assert.Equal((CommandFault.Failed, message), (e.Fault, e.Message));
        Assert.Equal(logged, node.Faults.Contains($"The command 'test {command}' failed."));
        Assert.Equal(2, (await TestNode.All(client.InvokeAsync(List))).Count);
    }

    [Fact]
    public async Task A_row_of_any_size_arrives_whole()
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        var rows = await TestNode.All(client.InvokeAsync(new CommandInvocation("test", "huge")));
        Assert.Equal([2 * 1024 * 1024, 3 * 1024 * 1024], rows.Select(r => r["message"].ToString().Length));
        Assert.Equal(2, (await TestNode.All(client.InvokeAsync(List))).Count);
    }

    [Fact]
    public async Task A_handler_that_never_answers_is_given_up_and_the_session_goes_on()
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        var e = await Assert.ThrowsAsync<CommandException>(() => TestNode.All(client.InvokeAsync(new CommandInvocation("test", "hang"))));
        Assert.Equal(CommandFault.Failed, e.Fault);
        Assert.Contains("'test hang' had no answer at test-node within", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await TestNode.All(client.InvokeAsync(List))).Count);
    }

    [Fact]
    public async Task A_stream_that_is_cancelled_ends_at_the_node_and_the_session_goes_on()
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        using var cancel = new CancellationTokenSource();
        var seen = new List<string>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var row in client.InvokeAsync(new CommandInvocation("test", "ticks"), cancel.Token))
            {
                seen.Add(row["tick"].ToString());
                if (seen.Count == 3)
                    await cancel.CancelAsync();
            }
        });
        await node.TicksEnded;
        Assert.Equal(["1", "2", "3"], seen);
        Assert.True(client.Open);
        Assert.Equal(2, (await TestNode.All(client.InvokeAsync(List))).Count);
    }

    [Fact]
    public async Task A_stream_that_is_left_early_ends_at_the_node_and_the_session_goes_on()
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        await foreach (var row in client.InvokeAsync(new CommandInvocation("test", "ticks").With("pause", "1000000")))
            break;
        await node.TicksEnded;
        Assert.Equal(2, (await TestNode.All(client.InvokeAsync(List))).Count);
    }

    [Fact]
    public async Task A_stream_ends_at_the_node_when_its_client_goes_away()
    {
        await using var node = await TestNode.StartAsync();
        await using (var client = await node.Connect())
        {
            var rows = client.InvokeAsync(new CommandInvocation("test", "ticks")).GetAsyncEnumerator();
            Assert.True(await rows.MoveNextAsync());
        }

        await node.TicksEnded;
    }

    [Fact]
    public async Task A_node_that_stops_ends_its_streams_and_tells_its_clients_by_hanging_up()
    {
        var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        var e = await Assert.ThrowsAsync<CommandException>(async () =>
        {
            await foreach (var row in client.InvokeAsync(new CommandInvocation("test", "ticks").With("pause", "1")))
                await node.DisposeAsync();
        });
        Assert.Equal(CommandFault.Unreachable, e.Fault);
        await node.TicksEnded;
        await Assert.ThrowsAsync<CommandException>(() => node.Connect());
    }

    [Fact]
    public async Task A_client_refuses_what_the_palettes_do_not_define_without_asking()
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        var e = await Assert.ThrowsAsync<CommandException>(() => TestNode.All(client.InvokeAsync(new CommandInvocation("round", "forget"))));
        Assert.Equal(CommandFault.Usage, e.Fault);
    }

    [Fact]
    public async Task A_dead_port_is_unreachable_and_says_where()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = new NodeAddress("127.0.0.1", ((IPEndPoint)taken.LocalEndpoint).Port);
        taken.Stop();
        var e = await Assert.ThrowsAsync<CommandException>(() => CommandClient.ConnectAsync(address));
        Assert.Equal(CommandFault.Unreachable, e.Fault);
        Assert.Contains($"Nothing answers at {address} (connection refused).", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "is no FedKim node")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "does not greet as a FedKim node")]
    [InlineData(Json + "{\"protocol\":1,\"node\":\"n\",\"palettes\":[]}", "speaks version 1")]
    [InlineData(Json + "{\"protocol\":2,\"node\":\"n\",\"palettes\":[{\"name\":\"help\",\"help\":\"\",\"commands\":[]}]}", "palettes that are not well formed")]
    [InlineData(Json + "{\"protocol\":2,\"node\":\"n\"}", "is no FedKim node")]
    [InlineData(Json + "[", "is no FedKim node")]
    [InlineData("", "without a greeting")]
    [InlineData(null, "did not greet in time")]
    public async Task What_is_no_node_of_this_version_is_a_protocol_fault(string? greeting, string message)
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var connecting = CommandClient.ConnectAsync(
            new NodeAddress("127.0.0.1", ((IPEndPoint)stranger.LocalEndpoint).Port), greeting is null ? TimeSpan.FromMilliseconds(200) : TestNode.Patience);
        // Who is hung up on without a word tries again.
        while (greeting is not null && !connecting.IsCompleted)
            await Task.WhenAny(Answer(stranger, greeting), connecting);
        var e = await Assert.ThrowsAsync<CommandException>(() => connecting);
        Assert.Equal(CommandFault.Protocol, e.Fault);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", "answered with status 200 in place of rows")]
    [InlineData(Lines + "{\"round\":1}\n{\"Round\":1}\n", "a line that is no row")]
    [InlineData(Lines + "{\"round\":1}\nnull\n", "a line that is no row")]
    [InlineData(Lines + "{\"round\":1}\n{\"error\":{\"fault\":\"Failed\"}}\n", "a line that is no row")]
    [InlineData(Lines + "{\"round\":1}\n{\"round\":2}", "The last line has no end.")]
    public async Task An_answer_that_is_not_of_the_protocol_is_a_protocol_fault(string answer, string message)
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var connecting = CommandClient.ConnectAsync(new NodeAddress("127.0.0.1", ((IPEndPoint)stranger.LocalEndpoint).Port), TestNode.Patience);
        await Answer(stranger, Json + """{"protocol":2,"node":"n","palettes":[{"name":"round","help":"","commands":[{"name":"list","help":"","answer":"Rows","switches":[],"limit":60}]}]}""");
        await using var client = await connecting;
        var asking = TestNode.All(client.InvokeAsync(List));
        await Answer(stranger, answer);
        var e = await Assert.ThrowsAsync<CommandException>(() => asking);
        Assert.Equal(CommandFault.Protocol, e.Fault);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.False(client.Open);
    }

    [Fact]
    public async Task A_command_longer_than_a_node_takes_is_not_sent()
    {
        await using var node = await TestNode.StartAsync();
        await using var client = await node.Connect();
        var e = await Assert.ThrowsAsync<CommandException>(() => TestNode.All(client.InvokeAsync(new CommandInvocation("test", "echo").With("text", new string('x', 300_000)))));
        Assert.Equal(CommandFault.Protocol, e.Fault);
        Assert.Contains("a node takes 262144", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await TestNode.All(client.InvokeAsync(List))).Count);
    }

    [Fact]
    public async Task What_else_is_mapped_is_served_at_the_same_door()
    {
        await using var node = await TestNode.StartAsync(more: routes => routes.MapGet("/else", (HttpContext context) => context.Response.WriteAsync("here")));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal("here", await http.GetStringAsync(new Uri($"http://{node.Address}/else")));
    }

    [Fact]
    public async Task A_port_in_use_and_an_address_off_loopback_fail_at_start()
    {
        await using var node = await TestNode.StartAsync();
        var taken = await Assert.ThrowsAsync<InvalidOperationException>(() => TestNode.StartAsync(options => options with { Port = node.Address.Port }));
        Assert.Contains($"cannot serve commands at 127.0.0.1:{node.Address.Port} (AddressAlreadyInUse)", taken.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => TestNode.StartAsync(options => options with { Address = IPAddress.Any }));
    }

    [Theory]
    [InlineData("127.0.0.1:9110", "127.0.0.1", 9110)]
    [InlineData("localhost:1", "localhost", 1)]
    [InlineData("[::1]:9110", "::1", 9110)]
    public void An_address_is_read_and_written(string text, string host, int port)
    {
        Assert.Equal(new NodeAddress(host, port), NodeAddress.TryParse(text));
        Assert.Equal(text, new NodeAddress(host, port).ToString());
    }

    [Theory]
    [InlineData("round")]
    [InlineData(":9110")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("::1:9110")]
    [InlineData("a b:9110")]
    public void What_is_no_address_is_not_read_as_one(string text) => Assert.Null(NodeAddress.TryParse(text));

    /// <summary>Takes one request as a stranger would, and answers with anything.</summary>
    private static async Task Answer(TcpListener stranger, string answer)
    {
        using var accepted = await stranger.AcceptTcpClientAsync().WaitAsync(TestNode.Patience);
        var stream = accepted.GetStream();
        byte[] read = new byte[64 * 1024];
        await stream.ReadAtLeastAsync(read, 1);
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer));
        accepted.Client.Shutdown(SocketShutdown.Send);
        try
        {
            while (await stream.ReadAsync(read) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The client left without reading on.
        }
    }
}
