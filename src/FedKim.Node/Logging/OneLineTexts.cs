using FedKim.Commands.Answers;
using Serilog.Core;
using Serilog.Events;

namespace FedKim.Node.Logging;

/// <summary>
/// Keeps what others wrote on the line on which it is told: a line break in a text that came from outside would make a line of it that this node
/// never wrote. Traces, at <c>debug</c>, keep theirs, and every line of them is indented.
/// </summary>
internal sealed class OneLineTexts : ILogEventEnricher
{
    private static readonly string[] Breaks = ["\r\n", "\n", "\r"];

    /// <inheritdoc/>
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties.ToArray())
        {
            if (value is ScalarValue { Value: string text } && Told(text, logEvent.Level) is var told && told != text)
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(told)));
        }
    }

    private static string Told(string text, LogEventLevel level) => level >= LogEventLevel.Information
        ? OneLine.Of(text)
        : string.Join("\n    ", text.Split(Breaks, StringSplitOptions.None).Select(OneLine.Of));
}
