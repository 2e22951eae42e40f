using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Commands.Palettes;
using FedKim.Commands.Wire;

namespace FedKim.Commands.Watch;

/// <summary>
/// Asks again and again what somebody wants to see, each question once for all who do, and gives each what has changed. Nothing is asked while nobody
/// listens.
/// </summary>
public sealed class CommandWatch
{
    private const int MostListeners = 24, MostQuestions = 12;

    // What is asked may take this part of the time, and no longer wait than people notice.
    private const int Share = 20;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1), Most = TimeSpan.FromSeconds(3), Within = TimeSpan.FromSeconds(5);

    // It changes nothing, and sees what anybody may who looks.
    private static readonly Caller Onlooker = new("who watches", IsObeyed: true) { IsHere = false, MayChange = false };

    private readonly Lock _lock = new();
    private readonly CommandTable _table;
    private readonly ImmutableHashSet<(string Palette, string Command)> _offered;
    private readonly CommandHostOptions _options;
    private readonly Dictionary<string, WatchedAnswer> _answers = new(StringComparer.Ordinal);
    private readonly HashSet<CommandListener> _listeners = [];
    private long _changes;

    /// <param name="table">The node's commands.</param>
    /// <param name="offered">Those that may be watched: each looks something up, soon.</param>
    /// <param name="options">The node's name, its clock, and what is told of its faults.</param>
    public CommandWatch(CommandTable table, IEnumerable<CommandInvocation> offered, CommandHostOptions options)
    {
        (_table, _options) = (table, options);
        _offered = [.. offered.Select(asked => (asked.Palette, asked.Command))];
    }

    /// <summary>The node's name.</summary>
    internal string Node => _options.Node;

    internal TimeProvider Time => _options.Time;

    /// <summary>Begins to listen; <see cref="Close"/> ends it.</summary>
    /// <exception cref="CommandException">Something asked is no question that may be watched, or too much is asked.</exception>
    internal CommandListener Open(IReadOnlyList<CommandInvocation> asked)
    {
        if (asked.Count is 0 or > MostQuestions)
            throw new CommandException(CommandFault.Usage, $"1 to {MostQuestions} commands are watched at a time, not {asked.Count}.");
        ImmutableArray<CommandInvocation> complete = [.. asked.Select(Complete)];
        lock (_lock)
        {
            if (_listeners.Count == MostListeners)
                throw new CommandException(CommandFault.Failed, $"{Node} is watched by {MostListeners} pages already. Close one, or try later.");
            var listener = new CommandListener([.. complete.Select(Wanted)]);
            _listeners.Add(listener);
            // What others see already is there at once.
            listener.Wake();
            return listener;
        }
    }

    /// <summary>Ends it; what nobody wants any more is asked no more.</summary>
    internal void Close(CommandListener listener)
    {
        lock (_lock)
        {
            if (!_listeners.Remove(listener))
                return;
            foreach (var answer in listener.Answers)
            {
                if (--answer.Listeners > 0)
                    continue;
                _answers.Remove(Key(answer.Asked));
                answer.Ending.Cancel();
            }
            listener.Dispose();
        }
    }

    /// <summary>What is new for a listener, an event for each answer, as server-sent events are written; nothing where nothing is.</summary>
    internal ReadOnlyMemory<byte> Take(CommandListener listener)
    {
        var text = new ArrayBufferWriter<byte>();
        lock (_lock)
        {
            for (int i = 0; i < listener.Answers.Length; i++)
            {
                var line = new ArrayBufferWriter<byte>();
                using var json = new Utf8JsonWriter(line);
                if (!listener.Answers[i].Write(json, i, listener.Seen))
                    continue;
                json.Flush();
                text.Write("event: answer\ndata: "u8);
                text.Write(line.WrittenSpan);
                text.Write("\n\n"u8);
            }
            listener.Seen = _changes;
        }
        return text.WrittenMemory;
    }

    private CommandInvocation Complete(CommandInvocation asked)
    {
        var complete = _table.Palettes.Complete(asked);
        return _offered.Contains((complete.Palette, complete.Command))
            ? complete
            : throw new CommandException(CommandFault.Usage, $"'{asked.Palette} {asked.Command}' cannot be watched: ask it.");
    }

    private WatchedAnswer Wanted(CommandInvocation asked)
    {
        string key = Key(asked);
        if (!_answers.TryGetValue(key, out var answer))
        {
            _answers.Add(key, answer = new WatchedAnswer(asked));
            // Whoever came first is not the one who asks for all.
            using (ExecutionContext.SuppressFlow())
                _ = Task.Run(() => AskAsync(answer));
        }
        answer.Listeners++;
        return answer;
    }

    private async Task AskAsync(WatchedAnswer answer)
    {
        Onlooker.Asks();
        var stop = answer.Ending.Token;
        while (!stop.IsCancellationRequested)
        {
            long began = Time.GetTimestamp();
            var (rows, fault, broken) = await AnswerAsync(answer.Asked, stop);
            if (stop.IsCancellationRequested)
                return;
            if (Tell(answer, rows, fault) && broken is not null)
                _options.OnFault?.Invoke($"The command '{answer.Asked.Palette} {answer.Asked.Command}' failed while it was watched.", broken);
            var took = Time.GetElapsedTime(began) * Share;
            await Task.Delay(took < Least ? Least : took > Most ? Most : took, Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool Tell(WatchedAnswer answer, List<byte[]>? rows, string fault)
    {
        lock (_lock)
        {
            if (!answer.Take(rows, fault, _changes + 1))
                return false;
            _changes++;
            foreach (var listener in _listeners)
            {
                if (listener.Answers.Contains(answer))
                    listener.Wake();
            }
            return true;
        }
    }

    private async Task<(List<byte[]>? Rows, string Fault, Exception? Broken)> AnswerAsync(CommandInvocation asked, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Within, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            var rows = new List<byte[]>();
            await foreach (var row in _table.Answer(asked, either.Token))
                rows.Add(JsonSerializer.SerializeToUtf8Bytes(row, WireJson.Default.CommandRow));
            return (rows, "", null);
        }
        catch (OperationCanceledException)
        {
            return (null, $"There was no answer within {Within.TotalSeconds} s.", null);
        }
        catch (CommandException e)
        {
            return (null, e.Message, null);
        }
        catch (Exception e)
        {
            return (null, $"It failed at {Node}; its log says why.", e);
        }
    }

    private static string Key(CommandInvocation asked) =>
        string.Join('\0', asked.Switches.SelectMany(given => new[] { given.Key, given.Value }).Prepend(asked.Command).Prepend(asked.Palette));
}
