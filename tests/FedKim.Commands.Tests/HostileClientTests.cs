using CsCheck;

namespace FedKim.Commands.Tests;

/// <summary>What no client of ours sends. Each gets a clear error, and the host serves the next client.</summary>
public sealed class HostileClientTests
{
    private const string Request = """{"type":"request","id":1,"palette":"round","command":"list","switches":{}}""";

    private static readonly string Second = Request.Replace("\"id\":1", "\"id\":2", StringComparison.Ordinal);

    [Theory]
    [InlineData("GET / HTTP/1.1", "A line is no message")]
    [InlineData("", "A line is no message")]
    [InlineData("null", "A line is null")]
    [InlineData("{}", "A line is no message")]
    [InlineData("""{"type":"surprise"}""", "A line is no message")]
    [InlineData("""{"type":"hello"}""", "A line is no message")]
    [InlineData("""{"type":"hello","protocol":"1"}""", "A line is no message")]
    [InlineData("""{"type":"hello","protocol":1} x""", "A line is no message")]
    [InlineData("""{"type":"hello","protocol":7}""", "The client speaks version 7 of the pbm protocol, this node 1.")]
    [InlineData(Request, "The first line must be a hello.")]
    [InlineData(RawClient.Hello + "\n" + RawClient.Hello, "Only requests and cancels may follow the hello.")]
    [InlineData(RawClient.Hello + "\n" + """{"type":"request","id":1,"palette":"round","command":null,"switches":{}}""", "A line is no message")]
    [InlineData(RawClient.Hello + "\n" + """{"type":"request","id":1,"palette":"round","command":"list","switches":{"a":"1","a":"2"}}""", "A line is no message")]
    [InlineData(RawClient.Hello + "\n" + """{"type":"request","id":1,"palette":"\ud800","command":"list","switches":{}}""", "A line is no message")]
    [InlineData(RawClient.Hello + "\n[[[[[[[[", "A line is no message")]
    public async Task A_line_that_is_not_of_the_protocol_is_answered_with_why_and_ends_the_connection(string lines, string why)
    {
        await using var node = new TestNode();
        using (var raw = await node.ConnectRaw())
        {
            await raw.Send(lines + "\n");
            raw.EndSending();
            var last = (await raw.Rest()).TrimEnd().Split('\n')[^1];
            Assert.Contains("\"type\":\"error\",\"fault\":\"Protocol\"", last, StringComparison.Ordinal);
            Assert.Contains(why, last, StringComparison.Ordinal);
        }

        await ServesTheNext(node);
    }

    [Theory]
    [InlineData("""{"type":"request","id":1,"palette":"rund","command":"list","switches":{}}""", "Did you mean")]
    [InlineData("""{"type":"request","id":1,"palette":"round","command":"show","switches":{}}""", "-r is missing")]
    [InlineData("""{"type":"request","id":1,"palette":"round","command":"show","switches":{"round":"x"}}""", "wants a whole number")]
    [InlineData("""{"type":"request","id":1,"palette":"round","command":"show","switches":{"round":"1","r":"1"}}""", "Unknown switch")]
    public async Task A_request_that_the_palettes_do_not_allow_is_refused_at_the_node_too(string request, string why)
    {
        await using var node = new TestNode();
        using var raw = await node.ConnectRaw();
        await raw.Send($"{RawClient.Hello}\n{request}\n{Second}\n");
        raw.EndSending();
        var lines = (await raw.Rest()).TrimEnd().Split('\n');
        Assert.Contains("\"fault\":\"Usage\"", lines[1], StringComparison.Ordinal);
        Assert.Contains(why, lines[1], StringComparison.Ordinal);
        Assert.Equal("""{"type":"end","id":2}""", lines[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_line_without_end_is_answered_with_the_limit(bool afterHello)
    {
        await using var node = new TestNode();
        using (var raw = await node.ConnectRaw())
        {
            if (afterHello) await raw.Send(RawClient.Hello + "\n");
            await raw.Send(new string('x', 300_000));
            Assert.Contains("A line is longer than 262144 bytes.", await raw.Rest(), StringComparison.Ordinal);
        }

        await ServesTheNext(node);
    }

    [Fact]
    public async Task Any_bytes_leave_the_host_serving()
    {
        await using var node = new TestNode();
        var bytes = Gen.OneOf(Gen.Byte.Array[0, 200], Gen.String.Select(text => System.Text.Encoding.UTF8.GetBytes(text)));
        await Gen.Select(Gen.Bool, bytes, Gen.Bool).SampleAsync(
            async (hello, sent, half) =>
            {
                using var raw = await node.ConnectRaw();
                if (hello) await raw.Send(RawClient.Hello + "\n");
                await raw.Send([.. sent, (byte)'\n']);
                if (!half) return;
                raw.EndSending();
                await raw.Rest();
            },
            iter: 100);
        await ServesTheNext(node);
        Assert.Empty(node.Faults);
    }

    [Fact]
    public async Task A_client_that_sends_no_more_still_gets_its_answer()
    {
        await using var node = new TestNode();
        using var raw = await node.ConnectRaw();
        await raw.Send($"{RawClient.Hello}\n{Request}\n");
        raw.EndSending();
        Assert.EndsWith("""{"type":"end","id":1}""" + "\n", await raw.Rest(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_sends_no_more_ends_its_stream()
    {
        await using var node = new TestNode();
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Hello + "\n" + """{"type":"request","id":1,"palette":"test","command":"ticks","switches":{}}""" + "\n");
        await raw.Line();
        Assert.Contains("\"tick\":1", await raw.Line(), StringComparison.Ordinal);
        raw.EndSending();
        Assert.EndsWith("""{"type":"end","id":1}""" + "\n", await raw.Rest(), StringComparison.Ordinal);
        await node.TicksEnded;
    }

    [Fact]
    public async Task A_request_sent_ahead_is_answered_when_the_one_before_it_has_ended()
    {
        await using var node = new TestNode();
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Hello + "\n" + """{"type":"request","id":1,"palette":"test","command":"ticks","switches":{"pause":"1"}}""" + "\n" + Second + "\n");
        await raw.Line();
        Assert.Contains("\"tick\":1", await raw.Line(), StringComparison.Ordinal);
        await raw.Send("{\"type\":\"cancel\",\"id\":9}\n{\"type\":\"cancel\",\"id\":1}\n");
        Assert.Equal("""{"type":"end","id":1}""", await raw.Line());
        Assert.Contains("\"id\":2", await raw.Line(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_cancelled_before_its_turn_has_come()
    {
        await using var node = new TestNode();
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Hello + "\n" + """{"type":"request","id":1,"palette":"test","command":"ticks","switches":{"pause":"0"}}""" + "\n" + Second + "\n");
        await raw.Send("{\"type\":\"cancel\",\"id\":2}\n{\"type\":\"cancel\",\"id\":1}\n");
        await raw.Line();
        Assert.Equal("""{"type":"end","id":1}""", await raw.Line());
        Assert.Equal("""{"type":"end","id":2}""", await raw.Line());
    }

    [Theory]
    [InlineData(2, "Request 1 is running already.", 1)]
    [InlineData(9, "More than 8 requests wait for their answers.", 0)]
    public async Task A_client_that_sends_too_far_ahead_or_an_id_twice_is_sent_away(int requests, string why, int sameId)
    {
        await using var node = new TestNode();
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Hello + "\n");
        for (var i = 1; i <= requests; i++)
            await raw.Send($$$"""{"type":"request","id":{{{(sameId == 0 ? i : sameId)}}},"palette":"test","command":"ticks","switches":{}}""" + "\n");
        Assert.Contains(why, await raw.Rest(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_vanishes_in_the_middle_of_a_line_is_forgotten()
    {
        await using var node = new TestNode(options => options with { MostConnections = 1 });
        using (var raw = await node.ConnectRaw())
        {
            await raw.Send(RawClient.Hello + "\n");
            await raw.Line();
            await raw.Send("{\"type\":\"req");
            raw.EndSending();
            Assert.Equal("", await raw.Rest());
        }

        await ServesTheNext(node);
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_sent_away()
    {
        await using var node = new TestNode(options => options with { HelloWithin = TimeSpan.FromMilliseconds(50) });
        using (var raw = await node.ConnectRaw()) Assert.Contains("No hello came in time.", await raw.Rest(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_stays_without_a_command_is_sent_away()
    {
        await using var node = new TestNode(options => options with { IdleFor = TimeSpan.FromMilliseconds(50) });
        await using var client = await node.Connect();
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Hello + "\n");
        Assert.Contains("the node ends the session", await raw.Rest(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_given_up()
    {
        await using var node = new TestNode(options => options with { StalledFor = TimeSpan.FromMilliseconds(200) });
        using var raw = await node.ConnectRaw();
        await raw.Send(RawClient.Hello + "\n" + """{"type":"request","id":1,"palette":"test","command":"ticks","switches":{"pause":"100000000"}}""" + "\n");
        await node.TicksEnded;
        await ServesTheNext(node);
    }

    [Fact]
    public async Task One_client_more_than_the_limit_is_told_so_until_another_leaves()
    {
        await using var node = new TestNode(options => options with { MostConnections = 2 });
        await using var first = await node.Connect();
        await using (var second = await node.Connect())
        {
            var e = await Assert.ThrowsAsync<CommandException>(() => node.Connect());
            Assert.Equal(CommandFault.Failed, e.Fault);
            Assert.StartsWith("The node serves 2 command clients already.", e.Message, StringComparison.Ordinal);
            Assert.Equal(2, (await TestNode.All(second.InvokeAsync(new CommandInvocation("round", "list")))).Count);
        }

        await ServesTheNext(node);
    }

    /// <summary>A client that the last one's leaving makes room for: the host may learn of that a moment later.</summary>
    private static async Task ServesTheNext(TestNode node)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var client = await node.Connect();
                Assert.Equal(2, (await TestNode.All(client.InvokeAsync(new CommandInvocation("round", "list")))).Count);
                return;
            }
            catch (CommandException e) when (e.Message.Contains("clients already", StringComparison.Ordinal) && attempt < 1000)
            {
                // The place is free as soon as the host has read the end of the last client's line.
            }
        }
    }
}
