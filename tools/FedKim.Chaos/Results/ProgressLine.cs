using System.Globalization;

namespace FedKim.Chaos.Results;

/// <summary>A scenario's result in a line for people.</summary>
internal static class ProgressLine
{
    /// <param name="number">Its number, from 1.</param>
    /// <param name="of">How many there are; null when nobody knows.</param>
    /// <param name="result">How it ended.</param>
    public static string Of(int number, int? of, ScenarioResult result)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"{number,3}{(of is null ? "" : $"/{of}")} ");
        if (result.NotRunnable.Length > 0)
            return $"{head}----  {result.Scenario.Name}: not runnable here: {result.NotRunnable}";
        string recovery = result.RecoverySeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"recovered in {seconds:0.00} s") : "nothing was left to do";
        string took = string.Create(CultureInfo.InvariantCulture, $"took {result.Seconds:0.0} s");
        return result.IsGood
            ? $"{head}ok    {result.Scenario.Name}: {recovery}, {took}"
            : $"{head}FAIL  {result.Scenario.Name}: {Problem(result)} ({recovery}, {took})";
    }

    /// <summary>The last line of a run.</summary>
    public static string Summary(IReadOnlyList<ScenarioResult> results)
    {
        int tried = results.Count(r => r.NotRunnable.Length == 0);
        double[] recoveries = [.. results.Select(r => r.RecoverySeconds).OfType<double>().Order()];
        string times = recoveries.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; recovery median {recoveries[recoveries.Length / 2]:0.00} s, longest {recoveries[^1]:0.00} s");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Count(r => r.IsGood)} of {tried} scenarios ended with the undisturbed result, {results.Sum(r => r.Retrained)} contributions were made again, {results.Count - tried} were not runnable here{times}");
    }

    private static string Problem(ScenarioResult result)
    {
        var problems = new List<string>();
        if (result.Cause.Length > 0)
            problems.Add(result.Cause);
        if (!result.LeftOver.IsEmpty)
            problems.Add($"Left over: {string.Join(", ", result.LeftOver)}");
        return string.Join(" ", problems);
    }
}
