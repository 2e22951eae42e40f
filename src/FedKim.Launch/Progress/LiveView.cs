using System.Threading.Channels;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FedKim.Launch.Progress;

/// <summary>A frame that is drawn again in place: rounds, sites, injector, and the last things that were said.</summary>
public sealed class LiveView : IProgressView
{
    private const int KeptLines = 6;

    private readonly Channel<Action> _changes = Channel.CreateUnbounded<Action>();
    private readonly Queue<string> _lines = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly IAnsiConsole _console;
    private readonly Task _drawing;
    private Snapshot? _snapshot;
    private bool _answered;

    /// <param name="console">The terminal.</param>
    public LiveView(IAnsiConsole console)
    {
        _console = console;
        _drawing = console.Live(Draw()).AutoClear(false).StartAsync(async live =>
        {
            await foreach (var change in _changes.Reader.ReadAllAsync())
            {
                change();
                live.UpdateTarget(Draw());
            }
        });
    }

    /// <inheritdoc/>
    public void Show(Snapshot? snapshot) => _changes.Writer.TryWrite(() =>
    {
        _answered = snapshot is not null;
        _snapshot = snapshot ?? _snapshot;
        if (snapshot is null)
            return;
        _seen.UnionWith(snapshot.Clients.Where(client => client.Present).Select(client => client.Client));
        if (snapshot.Injector.Present)
            _seen.Add(SiteNames.Injector);
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

    private Rows Draw() => new(new LiveFrame(_console.Profile.Width, _console.Profile.Height).Draw(_snapshot, _answered, _seen, _lines)
        .Select(IRenderable (line) => new Text(line.Text.Length == 0 ? " " : line.Text, Styled(line.Tone))));

    private static Style Styled(Tone tone) => tone switch
    {
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Quiet => new Style(Color.Grey),
        Tone.Warning => new Style(Color.Yellow),
        _ => Style.Plain,
    };
}
