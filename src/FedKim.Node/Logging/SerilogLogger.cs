using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Serilog.Core;
using Serilog.Core.Enrichers;
using Serilog.Events;
using LogEvent = Akka.Event.LogEvent;

namespace FedKim.Node.Logging;

/// <summary>Carries the actor system's log lines, with their properties, to the node's own log.</summary>
internal sealed class SerilogLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
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
        var properties = new List<ILogEventEnricher> { new PropertyEnricher("Actor", line.LogSource) };
        if (line.TryGetProperties(out var found) && found is not null)
            properties.AddRange(found.Select(p => new PropertyEnricher(p.Key, p.Value)));
        log.ForContext(properties).Write(level, line.Cause, "{Text:l}", line.Message?.ToString());
    }
}
