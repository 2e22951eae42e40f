using System.Net;
using System.Text;
using System.Text.Json;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Commands.Watch;

namespace FedKim.Commands.Tests;

/// <summary>Commands that browsers watch: asked once for all, and told as far as they have changed.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private static readonly Palette<WatchTests> Own = new("test", "What is watched.");

    private static readonly Command<WatchTests> List = Own.Rows("list", "Lists.", [], (test, _, _) => test.Answer());

    private static readonly Command<WatchTests> Change = Own.Message("change", "Changes.", [], (_, _, _) => Task.FromResult("changed"));

    private readonly HttpClient _http = new();
    private CommandHost _host = null!;
    private volatile string[] _rows = ["a", "b"];
    private volatile string _fault = "";
    private int _asked;

    public async ValueTask InitializeAsync()
    {
        var options = new CommandHostOptions("test-node") { Port = 0 };
        var table = CommandTable.Of(this, List, Change);
        var watch = new CommandWatch(table, [List.Asked], options);
        _host = await CommandHost.StartAsync(options, table, routes => routes.MapWatch(watch, _ => Caller.Now!));
        _http.BaseAddress = new Uri($"http://127.0.0.1:{_host.Endpoint.Port}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_watches_is_told_who_asks_and_then_all_and_then_what_changes()
    {
        using var page = await OpenAsync();
        var hello = await page.NextAsync("hello");
        Assert.Equal(("test-node", true), (hello.GetProperty("node").GetString(), hello.GetProperty("mayChange").GetBoolean()));
        Assert.Equal("""{"0":{"name":"a"},"1":{"name":"b"}}""", (await page.NextAsync("answer")).GetProperty("rows").GetRawText());

        _rows = ["a", "c"];
        Assert.Equal("""{"1":{"name":"c"}}""", (await page.NextAsync("answer")).GetProperty("rows").GetRawText());
        _rows = ["a"];
        var fewer = await page.NextAsync("answer");
        Assert.Equal((1, "{}"), (fewer.GetProperty("count").GetInt32(), fewer.GetProperty("rows").GetRawText()));
    }

    [Fact]
    public async Task A_question_is_asked_once_for_all_who_watch_and_not_at_all_for_nobody()
    {
        // Time stands still: nothing is asked again.
        var clock = new StillClock();
        var watch = new CommandWatch(CommandTable.Of(this, List), [List.Asked], new CommandHostOptions("test-node") { Time = clock });
        CommandListener[] pages = [.. Enumerable.Range(0, 5).Select(_ => watch.Open([List.Asked]))];
        foreach (var page in pages)
        {
            while (watch.Take(page).IsEmpty)
                Assert.True(await page.WaitAsync(TestNode.Patience, TestContext.Current.CancellationToken));
        }
        Assert.Equal(1, _asked);

        foreach (var page in pages)
            watch.Close(page);
        Assert.Equal(0, clock.Waiting);
    }

    [Fact]
    public async Task What_was_known_stays_where_nobody_answers_and_why_is_said()
    {
        using var page = await OpenAsync();
        await page.NextAsync("answer");
        _fault = "The federation's server does not answer.";
        var lost = await page.NextAsync("answer");
        Assert.Equal((2, _fault), (lost.GetProperty("count").GetInt32(), lost.GetProperty("fault").GetString()));
        _fault = "";
        Assert.Equal("", (await page.NextAsync("answer")).GetProperty("fault").GetString());
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "http://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("Sec-Fetch-Site", "none", HttpStatusCode.OK)]
    public async Task A_page_of_another_origin_watches_nothing_and_gives_no_command(string header, string value, HttpStatusCode expected)
    {
        using var watching = new HttpRequestMessage(HttpMethod.Get, Watched());
        watching.Headers.Add(header, value);
        using var watched = await _http.SendAsync(watching, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(expected, watched.StatusCode);

        using var changing = new HttpRequestMessage(HttpMethod.Post, "/commands");
        changing.Headers.Add(header, value);
        changing.Content = new StringContent("""{"palette":"test","command":"change"}""", Encoding.UTF8, "application/json");
        using var changed = await _http.SendAsync(changing, TestContext.Current.CancellationToken);
        Assert.Equal(expected, changed.StatusCode);
    }

    [Theory]
    [InlineData("""{"palette":"test","command":"change"}""", "'test change' cannot be watched: ask it.")]
    [InlineData("""{"palette":"test","command":"lost"}""", "Did you mean 'list'?")]
    [InlineData("[", "What is asked is no command")]
    public async Task What_cannot_be_watched_is_refused(string asked, string because)
    {
        using var answer = await _http.GetAsync(new Uri(Watched(asked), UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var line = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Contains(because, line.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_watches_nothing_new_hears_that_somebody_is_there()
    {
        using var page = await OpenAsync();
        await page.NextAsync("answer");
        await page.NextAsync("beat");
    }

    private static string Watched(string asked = """{"palette":"test","command":"list"}""") => $"/commands/watch?ask={Uri.EscapeDataString(asked)}";

    private Task<IReadOnlyList<CommandRow>> Answer()
    {
        Interlocked.Increment(ref _asked);
        if (_fault.Length > 0)
            throw new CommandException(CommandFault.Failed, _fault);
        return Task.FromResult<IReadOnlyList<CommandRow>>([.. _rows.Select(name => CommandRow.Of(("name", name)))]);
    }

    private async Task<Page> OpenAsync() => new(await _http.GetStreamAsync(new Uri(Watched(), UriKind.Relative), TestContext.Current.CancellationToken));

    /// <summary>A clock whose timers never fire.</summary>
    private sealed class StillClock : TimeProvider
    {
        private int _waiting;

        /// <summary>How many timers wait.</summary>
        public int Waiting => Volatile.Read(ref _waiting);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _waiting);
            return new Timer(this);
        }

        private sealed class Timer(StillClock clock) : ITimer
        {
            private int _ended;

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _ended, 1) == 0)
                    Interlocked.Decrement(ref clock._waiting);
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }

    /// <summary>A page that watches, as far as it reads what it is sent.</summary>
    private sealed class Page(Stream stream) : IDisposable
    {
        private readonly StreamReader _reader = new(stream);

        /// <summary>What the next event of this name holds; others are passed over.</summary>
        public async Task<JsonElement> NextAsync(string name)
        {
            using var patience = new CancellationTokenSource(TestNode.Patience);
            string? current = null;
            while (await _reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                    current = line["event: ".Length..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal) && current == name)
                    return name == "beat" ? default : JsonDocument.Parse(line["data: ".Length..]).RootElement;
            }
            throw new EndOfStreamException($"The stream ended before an event {name}.");
        }

        public void Dispose() => _reader.Dispose();
    }
}
