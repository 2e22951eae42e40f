using System.Globalization;
using FedKim.Node.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace FedKim.Node.Tests;

/// <summary>What somebody else wrote makes no line of its own in a node's log.</summary>
public sealed class OneLineTextsTests
{
    [Fact]
    public void A_text_with_line_breaks_and_unseen_marks_is_one_line()
    {
        var said = new Said();
        using (var log = new LoggerConfiguration().MinimumLevel.Debug().Enrich.With(new OneLineTexts()).WriteTo.Sink(said).CreateLogger())
        {
            log.Information("{Server:l} asks", "evil\r\n22:00:00 INF hospital-a\u202E\u2028 forged\u001b[2J");
            log.Debug("{Fault:l}", "broke\n   at here");
        }

        Assert.Equal(["evil  22:00:00 INF hospital-a   forged [2J asks", "broke\n       at here"], said.Lines);
    }

    private sealed class Said : ILogEventSink
    {
        public List<string> Lines { get; } = [];

        public void Emit(LogEvent logEvent) => Lines.Add(logEvent.RenderMessage(CultureInfo.InvariantCulture));
    }
}
