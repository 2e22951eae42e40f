using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Serilog.Events;
using Serilog.Parsing;
using LogEvent = Akka.Event.LogEvent;

namespace FedKim.Node.Logging;

/// <summary>
/// Carries the actor system's log lines, with their properties, to the node's own log. That tells the story of rounds and sites; what Akka
/// says of its own doings, and the trace of an exception, are there at <c>debug</c>.
/// </summary>
internal sealed class SerilogLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private static readonly MessageTemplate Text = new MessageTemplateParser().Parse("{Text:l}");

    private const string Misaddressed = "Dropping message [{0}] for non-local recipient [{1}] arriving at [{2}] inbound addresses [{3}]";

    private readonly HashSet<Address> _misaddressed = [];

    public SerilogLogger()
    {
        var log = Context.System.Settings.Setup.Get<SerilogSetup>().Value.Log;
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(line => Write(log, line));
    }

    // What is decided about a cluster that fell apart is heard; sockets, gates, proxies and dead letters are Akka's own affair.
    private static LogEventLevel LevelOf(LogEvent line) => line.LogLevel() switch
    {
        LogLevel.DebugLevel => LogEventLevel.Debug,
        // A connection that ended; who is silent by that is said where it is noticed.
        _ when line.LogSource.Contains("/system/endpointManager", StringComparison.Ordinal) => LogEventLevel.Debug,
        // A handshake that came to nothing, with its bytes: who was refused, and why, is said by who refused it.
        _ when IsOf("Akka.Remote.Transport", line.LogClass) => LogEventLevel.Debug,
        LogLevel.InfoLevel when IsOf("Akka", line.LogClass) => LogEventLevel.Debug,
        LogLevel.WarningLevel when IsOf("Akka", line.LogClass) && !IsOf("Akka.Cluster.SBR", line.LogClass) => LogEventLevel.Debug,
        LogLevel.InfoLevel => LogEventLevel.Information,
        LogLevel.WarningLevel => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };

    private static bool IsOf(string space, Type source) => source.Namespace?.StartsWith(space, StringComparison.Ordinal) is true;

    private void Write(Serilog.ILogger log, LogEvent line)
    {
        // Akka says it of every message. Who writes this node's address otherwise than it does itself is not heard: once is enough, in words that help.
        if (line.Message is LogMessage { Format: Misaddressed } dropped && dropped.Parameters().ElementAtOrDefault(2) is Address written)
        {
            if (_misaddressed.Add(written))
                log.Warning("Another node looks for this one as {Written}:{Port}, which is not how this one calls itself; write its fedkim.cluster.host and port into the other's fedkim.cluster.seeds", written.Host, written.Port);
            return;
        }

        var level = LevelOf(line);
        string text = line.Message?.ToString() ?? "";
        if (line.Cause is null || level == LogEventLevel.Debug)
        {
            Write(level, text, line.Cause);
            return;
        }

        Write(level, text.Contains(line.Cause.Message, StringComparison.Ordinal) ? text : $"{text} {line.Cause.Message}", null);
        Write(LogEventLevel.Debug, text, line.Cause);

        void Write(LogEventLevel level, string text, Exception? cause)
        {
            if (!log.IsEnabled(level))
                return;
            var properties = new List<LogEventProperty> { Property("Text", text), Property("Actor", line.LogSource) };
            if (line.TryGetProperties(out var found) && found is not null)
                properties.AddRange(found.Select(p => Property(p.Key, p.Value)));
            // The time at which the actor said it: on a busy machine this logger comes to it later.
            log.Write(new Serilog.Events.LogEvent(new DateTimeOffset(line.Timestamp.ToUniversalTime()), level, cause, Text, properties.DistinctBy(p => p.Name)));
        }

        LogEventProperty Property(string name, object? value) => log.BindProperty(name, value, destructureObjects: false, out var property)
            ? property
            : new LogEventProperty("Unnamed", new ScalarValue(value?.ToString()));
    }
}
