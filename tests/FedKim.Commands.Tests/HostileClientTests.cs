using System.Text;
using CsCheck;
using FedKim.Commands.Palettes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace FedKim.Commands.Tests;

/// <summary>What no client of ours sends. Each gets a clear error, and the host serves the next client.</summary>
public sealed class HostileClientTests
{
    private const string List = """{"palette":"round","command":"list"}""";
    private const string Json = "Content-Type: application/json\r\n";
    private const string Local = "Host: 127.0.0.1\r\n";

    private static readonly string Ask = RawClient.Post(List);
    private static readonly string Ticks = RawClient.Post("""{"palette":"test","command":"ticks"}""");

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("{\"type\":\"hello\",\"protocol\":1}\n")]
    [InlineData("\0\r\n\r\n")]
    [InlineData("GET /commands HTTP/7.0\r\nHost: 127.0.0.1\r\n\r\n")]
    [InlineData("GET /commands HTTP/1.1\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("POST /commands HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: x\r\n\r\n")]
    public async Task What_is_not_HTTP_is_refused_and_ends_the_connection(string sent)
    {
        await using var node = await TestNode.StartAsync();
        using (var raw = await node.ConnectRaw())
        {
            await raw.Send(sent);
            Assert.DoesNotContain("200 OK", await raw.Rest(), StringComparison.Ordinal);
        }

        await ServesTheNext(node);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[[[[[[[[")]
    [InlineData(List + " x")]
    [InlineData("""{"palette":"round"}""")]
    [InlineData("""{"palette":"round","command":null}""")]
    [InlineData("""{"palette":"round","command":7}""")]
    [InlineData("""{"palette":"round","palette":"round","command":"list"}""")]
    [InlineData("""{"palette":"round","command":"list","switches":{"a":"1","a":"2"}}""")]
    [InlineData("""{"palette":"round","command":"list","switches":{"a":null}}""")]
    [InlineData("""{"palette":"\ud800","command":"list","switches":{}}""")]
    public async Task What_is_no_command_is_answered_with_why(string body)
    {
        await using var node = await TestNode.StartAsync();
        using (var raw = await node.ConnectRaw())
        {
            await raw.Send(RawClient.Post(body));
            Assert.Equal("HTTP/1.1 400 Bad Request", await raw.Line());
            Assert.Contains("""{"error":{"fault":"Protocol",""", await raw.LineWith("error"), StringComparison.Ordinal);
        }

        await ServesTheNext(node);
        Assert.Empty(node.Faults);
    }

    [Theory]
    [InlineData("""{"palette":"rund","command":"list"}""", "Did you mean")]
    [InlineData("""{"palette":"round","command":"show","switches":{}}""", "-r is missing")]
    [InlineData("""{"palette":"round","command":"show","switches":{"round":"x"}}""", "wants a whole number")]
    [InlineData("""{"palette":"round","command":"show","switches":{"round":"1","r":"1"}}""", "Unknown switch")]
    public async Task A_request_that_the_palettes_do_not_allow_is_refused_at_the_node_too(string request, string why)
    {
        await using var node = await TestNode.StartAsync();
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Post(request) + Ask);
        Assert.Equal("HTTP/1.1 400 Bad Request", await raw.Line());
        string refused = await raw.LineWith("error");
        Assert.Contains("\"fault\":\"Usage\"", refused, StringComparison.Ordinal);
        Assert.Contains(why, refused, StringComparison.Ordinal);
        Assert.Contains("\"round\":2", await raw.LineWith("\"round\":2"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Type: text/plain\r\n")]
    [InlineData("Content-Type: application/x-www-form-urlencoded\r\n")]
    [InlineData("Content-Type: multipart/form-data; boundary=x\r\n")]
    [InlineData("Content-Type: text/plain; application/json\r\n")]
    [InlineData("")]
    public async Task What_a_form_or_a_page_of_another_origin_can_send_is_not_obeyed(string type)
    {
        await using var node = await TestNode.StartAsync();
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Post(List, Local + type + "Origin: http://elsewhere.example\r\n"));
        Assert.Equal("HTTP/1.1 415 Unsupported Media Type", await raw.Line());
        Assert.Contains("A command is sent as application/json.", await raw.LineWith("error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_another_origin_that_asks_for_leave_gets_none()
    {
        await using var node = await TestNode.StartAsync();
        using var raw = await node.ConnectRaw();
        await raw.Send($"OPTIONS /commands HTTP/1.1\r\n{Local}Connection: close\r\nOrigin: http://elsewhere.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n\r\n");
        string answer = await raw.Rest();
        Assert.StartsWith("HTTP/1.1 405", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control-Allow", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("rebound.example", false)]
    [InlineData("rebound.example:9110", false)]
    [InlineData("127.0.0.1.rebound.example", false)]
    [InlineData("localhost.rebound.example", false)]
    [InlineData("192.168.1.7", false)]
    [InlineData("", false)]
    [InlineData("127.0.0.1:9110", true)]
    [InlineData("LOCALHOST:1", true)]
    [InlineData("[::1]:9110", true)]
    public async Task A_page_whose_name_was_made_to_lead_here_is_not_obeyed(string host, bool obeyed)
    {
        await using var node = await TestNode.StartAsync(more: routes => routes.MapGet("/else", (HttpContext context) => context.Response.WriteAsync("here")));
        using var raw = await node.ConnectRaw();
        string status = obeyed ? "HTTP/1.1 200 OK" : "HTTP/1.1 421 Misdirected Request";
        await raw.Send(RawClient.Post(List, $"Host: {host}\r\n{Json}") + $"GET /commands HTTP/1.1\r\nHost: {host}\r\n\r\n" + $"GET /else HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        string answers = await raw.Rest();
        Assert.Equal(3, answers.Split(status).Length - 1);
        Assert.Equal(obeyed, answers.Contains("\"round\":1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_longer_than_the_limit_is_answered_with_the_limit()
    {
        await using var node = await TestNode.StartAsync();
        using (var raw = await node.ConnectRaw())
        {
            // Only the claim: nobody has to take in what is refused.
            await raw.Send($"POST /commands HTTP/1.1\r\n{Local}{Json}Content-Length: 300000\r\n\r\n");
            Assert.Equal("HTTP/1.1 413 Payload Too Large", await raw.Line());
            Assert.Contains("A command is longer than 262144 bytes.", await raw.Rest(), StringComparison.Ordinal);
        }

        await ServesTheNext(node);
    }

    [Fact]
    public async Task A_command_that_grows_over_the_limit_is_cut_off()
    {
        await using var node = await TestNode.StartAsync();
        using (var raw = await node.ConnectRaw())
        {
            string piece = new('x', 16 * 1024);
            await raw.Send($"POST /commands HTTP/1.1\r\n{Local}{Json}Transfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 20; i++)
                await raw.Send($"{piece.Length:x}\r\n{piece}\r\n");
            await raw.Rest();
        }

        await ServesTheNext(node);
    }

    [Fact]
    public async Task A_head_without_end_is_refused()
    {
        await using var node = await TestNode.StartAsync();
        using (var raw = await node.ConnectRaw())
        {
            await raw.Send("GET /" + new string('x', 60_000));
            Assert.DoesNotContain("200 OK", await raw.Rest(), StringComparison.Ordinal);
        }

        await ServesTheNext(node);
    }

    [Fact]
    public async Task Any_bytes_leave_the_host_serving()
    {
        await using var node = await TestNode.StartAsync();
        var bytes = Gen.OneOf(Gen.Byte.Array[0, 200], Gen.String.Select(text => Encoding.UTF8.GetBytes(text)));
        await Gen.Select(Gen.Int[0, 2], bytes, Gen.Bool).SampleAsync(
            async (place, sent, half) =>
            {
                using var raw = await node.ConnectRaw();
                await raw.Send(place switch
                {
                    0 => [],
                    1 => Encoding.UTF8.GetBytes($"POST /commands HTTP/1.1\r\n{Local}"),
                    _ => Encoding.UTF8.GetBytes($"POST /commands HTTP/1.1\r\n{Local}{Json}Content-Length: {sent.Length + 1}\r\n\r\n"),
                });
                await raw.Send([.. sent, (byte)'\n']);
                if (!half)
                    return;
                raw.EndSending();
                await raw.Rest();
            },
            iter: 100);
        await ServesTheNext(node);
        Assert.Empty(node.Faults);
    }

    [Fact]
    public async Task A_client_that_hangs_up_ends_its_stream()
    {
        await using var node = await TestNode.StartAsync();
        using (var raw = await node.ConnectRaw())
        {
            await raw.Send(Ticks);
            await raw.LineWith("\"tick\":1");
            raw.EndSending();
            await node.TicksEnded;
        }

        await ServesTheNext(node);
    }

    [Fact]
    public async Task Requests_sent_ahead_are_answered_one_after_another()
    {
        await using var node = await TestNode.StartAsync();
        using var raw = await node.ConnectRaw();
        string Show(int round) => RawClient.Post($$$"""{"palette":"round","command":"show","switches":{"round":"{{{round}}}"}}""");
        await raw.Send(string.Concat(Enumerable.Range(1, 20).Select(Show)));
        for (int round = 1; round <= 20; round++)
            Assert.Contains($"\"round\":{round},", await raw.LineWith("\"round\""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_vanishes_in_the_middle_of_a_command_is_forgotten()
    {
        await using var node = await TestNode.StartAsync(options => options with { MostConnections = 1 });
        using (var raw = await node.ConnectRaw())
        {
            await raw.Send($"POST /commands HTTP/1.1\r\n{Local}{Json}Content-Length: 50\r\n\r\n{{\"pal");
            raw.EndSending();
            await raw.Rest();
        }

        await ServesTheNext(node);
        Assert.Empty(node.Faults);
    }

    [Fact]
    public async Task A_browser_takes_a_place_no_longer_than_it_is_answered()
    {
        await using var node = await TestNode.StartAsync(options => options with { MostConnections = 1 });
        using (var raw = await node.ConnectRaw())
        {
            await raw.Send($"GET /commands HTTP/1.1\r\n{Local}Sec-Fetch-Site: same-origin\r\n\r\n");
            Assert.Contains("200 OK", await raw.Rest(), StringComparison.Ordinal);
        }

        await ServesTheNext(node);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /commands HTTP/1.1\r\nHost: 127.0")]
    public async Task A_client_that_does_not_say_what_it_wants_is_sent_away(string begun)
    {
        await using var node = await TestNode.StartAsync(options => options with { HeadWithin = TimeSpan.FromMilliseconds(50), IdleFor = TimeSpan.FromMilliseconds(50) });
        using var raw = await node.ConnectRaw();
        await raw.Send(begun);
        Assert.DoesNotContain("200 OK", await raw.Rest(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_stays_without_a_command_is_hung_up_on_and_connects_again_when_it_has_one()
    {
        await using var node = await TestNode.StartAsync(options => options with { IdleFor = TimeSpan.FromMilliseconds(50) });
        await using var client = await node.Connect();
        // The node looks about now and then, and hangs up on all who are idle then, one after the other. By its second look the client's turn is over.
        for (int look = 0; look < 2; look++)
        {
            using var raw = await node.ConnectRaw();
            await raw.Send(Ask);
            Assert.Contains("\"round\":2", await raw.Rest(), StringComparison.Ordinal);
        }

        Assert.Equal(2, (await TestNode.All(client.InvokeAsync(new CommandInvocation("round", "list")))).Count);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_given_up()
    {
        await using var node = await TestNode.StartAsync(options => options with { StalledFor = TimeSpan.FromSeconds(1.5), SlowestRead = 1e9 });
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Post("""{"palette":"test","command":"ticks","switches":{"pause":"100000000"}}"""));
        await node.TicksEnded;
        await ServesTheNext(node);
    }

    [Fact]
    public async Task One_client_more_than_the_limit_is_told_so_until_another_leaves()
    {
        await using var node = await TestNode.StartAsync(options => options with { MostConnections = 2 });
        using var first = await node.ConnectRaw();
        await first.Send(Ticks);
        await first.LineWith("\"tick\":1");
        using (var second = await node.ConnectRaw())
        {
            await second.Send(Ticks);
            await second.LineWith("\"tick\":1");
            var e = await Assert.ThrowsAsync<CommandException>(() => node.Connect());
            Assert.Equal(CommandFault.Failed, e.Fault);
            Assert.StartsWith("The node serves 2 command clients already.", e.Message, StringComparison.Ordinal);
        }

        await ServesTheNext(node);
    }

    [Fact]
    public async Task Many_clients_too_many_are_cut_off_and_leave_the_others_served()
    {
        await using var node = await TestNode.StartAsync(options => options with { MostConnections = 2 });
        await using var client = await node.Connect();
        List<RawClient> crowd = [];
        for (int i = 0; i < 20; i++)
            crowd.Add(await node.ConnectRaw());
        Assert.Equal(2, (await TestNode.All(client.InvokeAsync(new CommandInvocation("round", "list")))).Count);
        crowd.ForEach(one => one.Dispose());
        await ServesTheNext(node);
    }

    /// <summary>A client that the last one's leaving makes room for: the host may learn of that a moment later.</summary>
    private static async Task ServesTheNext(TestNode node)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await using var client = await node.Connect();
                Assert.Equal(2, (await TestNode.All(client.InvokeAsync(new CommandInvocation("round", "list")))).Count);
                return;
            }
            catch (CommandException e) when ((e.Message.Contains("clients already", StringComparison.Ordinal) || e.Fault != CommandFault.Failed) && attempt < 1000)
            {
                // The place is free as soon as the host has seen the end of the last client.
                await Task.Delay(5);
            }
        }
    }
}
