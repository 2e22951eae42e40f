using System.Globalization;
using System.Text;

namespace FedKim.Chaos.Results;

/// <summary>The results of a suite as a table for readers.</summary>
internal static class SuiteMarkdown
{
    public static string Of(string suite, long seed, IReadOnlyList<ScenarioResult> results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Fault injection: {suite}, seed {seed}\n\n{ProgressLine.Summary(results)}.\n\n");
        text.Append("| scenario | struck at | survived | same hashes | made again | recovery, s | |\n|---|---|---|---|---|---|---|\n");
        foreach (var result in results)
        {
            text.Append(result.NotRunnable.Length > 0
                ? $"| {Cell(result.Scenario.Name)} | | | | | | not runnable here: {Cell(result.NotRunnable)} |\n"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {Cell(result.Scenario.Name)} | {Cell(string.Join("; ", result.Struck))} | {YesNo(result.Survived)} | {YesNo(result.HashEqual)} | {result.Retrained} | {result.RecoverySeconds:0.00} | {Cell(string.Join(" ", result.LeftOver.Prepend(result.Cause)))} |\n"));
        }

        return text.ToString();
    }

    private static string YesNo(bool yes) => yes ? "yes" : "**no**";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ').Trim();
}
