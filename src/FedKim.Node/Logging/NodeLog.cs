using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Formatting.Compact;

namespace FedKim.Node.Logging;

/// <summary>A node's log: JSON lines in its work folder for machines, short lines on the console for people.</summary>
internal static class NodeLog
{
    private const long Bytes = 32 << 20;
    private const int Files = 4;

    /// <summary>
    /// Opens the log <c>log/node.jsonl</c> of a node. Every line carries the site; federation and round where they are known. A node whose log
    /// cannot be written goes on, and says so on standard error, once.
    /// </summary>
    /// <param name="node">What its file says.</param>
    /// <param name="level">The least severe lines that it tells; may be changed while it runs.</param>
    public static Logger Open(Configuration.NodeConfiguration node, LoggingLevelSwitch level)
    {
        bool said = false;
        SelfLog.Enable(problem =>
        {
            if (said)
                return;
            said = true;
            Console.Error.WriteLine($"{node.Site}: the log in {Path.Combine(node.Work, "log")} cannot be written, and this node goes on without: {FirstLine(problem)}");
        });
        return Configured(node, level).CreateLogger();
    }

    private static LoggerConfiguration Configured(Configuration.NodeConfiguration node, LoggingLevelSwitch level) => new LoggerConfiguration()
        .MinimumLevel.ControlledBy(level)
        .Enrich.WithProperty("Site", node.Site)
        .Enrich.With(new OneLineTexts())
        .WriteTo.File(
            new CompactJsonFormatter(),
            Path.Combine(node.Work, "log", "node.jsonl"),
            fileSizeLimitBytes: Bytes,
            rollOnFileSizeLimit: true,
            retainedFileCountLimit: Files)
        .WriteTo.Console(
            outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {Site} {Round} {Message:lj}{NewLine}{Exception}",
            formatProvider: System.Globalization.CultureInfo.InvariantCulture);

    // Serilog's own lines go on with a stack trace.
    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
