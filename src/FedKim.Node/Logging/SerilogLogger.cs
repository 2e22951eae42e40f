using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Serilog.Events;
using Serilog.Parsing;
using LogEvent = Akka.Event.LogEvent;

namespace FedKim.Node.Logging;

/// <summary>Carries the actor system's log lines, with their properties, to the node's own log.</summary>
internal sealed class SerilogLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private static readonly MessageTemplate Text = new MessageTemplateParser().Parse("{Text:l}");

    public SerilogLogger()
    {
        var log = Context.System.Settings.Setup.Get<SerilogSetup>().Value.Log;
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(line => Write(log, line));
    }

    private static void Write(Serilog.ILogger log, LogEvent line)
    {
        var level = line.LogLevel() switch
        {
            LogLevel.DebugLevel => LogEventLevel.Debug,
            LogLevel.InfoLevel => LogEventLevel.Information,
            LogLevel.WarningLevel => LogEventLevel.Warning,
            _ => LogEventLevel.Error,
        };
        if (!log.IsEnabled(level))
            return;
        var properties = new List<LogEventProperty> { Property("Text", line.Message?.ToString()), Property("Actor", line.LogSource) };
        if (line.TryGetProperties(out var found) && found is not null)
            properties.AddRange(found.Select(p => Property(p.Key, p.Value)));
        // The time at which the actor said it: on a busy machine this logger comes to it later.
        log.Write(new Serilog.Events.LogEvent(new DateTimeOffset(line.Timestamp.ToUniversalTime()), level, line.Cause, Text, properties.DistinctBy(p => p.Name)));

        LogEventProperty Property(string name, object? value) => log.BindProperty(name, value, destructureObjects: false, out var property)
            ? property
            : new LogEventProperty("Unnamed", new ScalarValue(value?.ToString()));
    }
}
