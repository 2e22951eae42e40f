using System.Globalization;
using System.Threading.Channels;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FedKim.Launch.Progress;

/// <summary>A table that is drawn again in place: rounds, sites, injector, and the last things that were said.</summary>
public sealed class LiveView : IProgressView
{
    private const int KeptLines = 6;
    private const int BarWidth = 16;

    private readonly Channel<Action> _changes = Channel.CreateUnbounded<Action>();
    private readonly Queue<string> _lines = new();
    private readonly Task _drawing;
    private Snapshot? _snapshot;
    private bool _answered;

    /// <param name="console">The terminal.</param>
    public LiveView(IAnsiConsole console) => _drawing = console.Live(Draw()).AutoClear(false).StartAsync(async live =>
    {
        await foreach (var change in _changes.Reader.ReadAllAsync())
        {
            change();
            live.UpdateTarget(Draw());
        }
    });

    /// <inheritdoc/>
    public void Show(Snapshot? snapshot) => _changes.Writer.TryWrite(() =>
    {
        _answered = snapshot is not null;
        _snapshot = snapshot ?? _snapshot;
    });

    /// <inheritdoc/>
    public void Say(string line) => _changes.Writer.TryWrite(() =>
    {
        _lines.Enqueue(line);
        if (_lines.Count > KeptLines)
            _lines.Dequeue();
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _drawing;
    }

    private Rows Draw()
    {
        var parts = new List<IRenderable>();
        if (_snapshot is { } s)
        {
            string answer = _answered ? "" : "  [yellow]the server does not answer[/]";
            parts.Add(new Markup($"[bold]{Markup.Escape(s.Federation.Federation)}[/]  {s.Federation.Phase}  {s.Federation.CommittedRounds} of {s.Federation.Rounds} rounds committed{answer}"));
            if (s.Federation.Waiting.Length > 0)
                parts.Add(new Markup($"[yellow]{Markup.Escape(s.Federation.Waiting)}[/]"));
            parts.Add(Rounds(s));
            parts.Add(Sites(s));
        }
        else
        {
            parts.Add(new Markup("[grey]the nodes are starting[/]"));
        }

        parts.AddRange(_lines.Select(line => new Markup($"[grey]{Markup.Escape(line)}[/]")));
        return new Rows(parts);
    }

    private static Table Rounds(Snapshot s)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("round").AddColumn("phase").AddColumn("updates").AddColumn("left out").AddColumn("seconds");
        foreach (var r in s.Rounds)
            table.AddRow($"{r.Round}", r.Phase, $"{r.Accepted} of {r.Invited}", $"{r.Dropped}", (r.Milliseconds / 1000.0).ToString("0.0", CultureInfo.InvariantCulture));
        return table;
    }

    private static Table Sites(Snapshot s)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("site").AddColumn("does").AddColumn("progress").AddColumn("loss").AddColumn("update").AddColumn("");
        foreach (var c in s.Clients)
            table.AddRow(c.Client, Activity(c.Present, c.Activity), Bar(c.Activity, c.Done, c.Total), Loss(c.Loss), c.Standing, Markup.Escape(c.Problem));
        var i = s.Injector;
        table.AddRow("injector", Activity(i.Present, i.Activity), Bar(i.Activity, i.Done, i.Total), Loss(i.Loss), "", Markup.Escape(i.Problem));
        return table;
    }

    private static string Activity(bool present, string activity) => present ? activity : "[yellow]silent[/]";

    private static string Bar(string activity, long done, long total)
    {
        if (total <= 0)
            return "";
        int full = (int)Math.Clamp(done * BarWidth / total, 0, BarWidth);
        string amount = activity is "fetching" or "sending"
            ? string.Create(CultureInfo.InvariantCulture, $"{done / 1048576.0:0.0} of {total / 1048576.0:0.0} MiB")
            : $"{done} of {total}";
        return $"[green]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/] {amount}";
    }

    private static string Loss(double loss) => double.IsFinite(loss) ? loss.ToString("0.000", CultureInfo.InvariantCulture) : "";
}
