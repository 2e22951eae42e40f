using System.Globalization;
using FedKim.Commands.Answers;
using FedKim.Learning;

namespace FedKim.Launch.Answers;

/// <summary>A row of <c>federation routing</c>.</summary>
public static class RoutingReply
{
    /// <summary>The row: weights to three places, by expert.</summary>
    public static CommandRow Row(TaskRouting routing) => CommandRow.Of(
        ("task", routing.Task), ("effectiveExperts", Math.Round(routing.EffectiveExperts, 1)), ("moved", Math.Round(TaskRouting.Distance(routing.Alpha, routing.AlphaStart), 3)),
        ("auroc", Figure(routing.Auroc)), ("aurocUniform", Figure(routing.AurocUniform)), ("aurocOther", Figure(routing.AurocOther)), ("other", routing.Other),
        ("weights", Weights(routing.Alpha)), ("weightsAtStart", Weights(routing.AlphaStart)));

    private static CommandValue Figure(double? figure) => figure is { } some ? Math.Round(some, 3) : default(CommandValue);

    private static string Weights(IEnumerable<double> weights) => string.Join(' ', weights.Select(weight => weight.ToString("0.000", CultureInfo.InvariantCulture)));
}
