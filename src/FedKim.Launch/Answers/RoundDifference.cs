using System.Globalization;
using FedKim.Commands.Answers;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>The rows of <c>round diff</c>: what the journal says of two rounds, side by side.</summary>
public static class RoundDifference
{
    private const string None = "-";

    /// <summary>The rows.</summary>
    public static IReadOnlyList<CommandRow> Rows(RoundView a, RoundView b)
    {
        return
        [
            Row("phase", a.Phase, b.Phase),
            Row("cause", a.Cause, b.Cause),
            Row("invited", string.Join(", ", a.Invited), string.Join(", ", b.Invited)),
            Row("quorum", a.Quorum.ToString(CultureInfo.InvariantCulture), b.Quorum.ToString(CultureInfo.InvariantCulture)),
            .. Each(v => v.Accepted, c => c.Client, c => c.Samples.ToString(CultureInfo.InvariantCulture), "samples"),
            .. Each(v => v.Accepted, c => c.Client, c => Number(c.Loss), "loss"),
            .. Each(v => v.Accepted, c => c.Client, c => c.Digest, "update"),
            .. Each(v => v.Dropped, d => d.Client, d => d.Reason, "dropped"),
            .. Each(v => v.LeftOut, d => d.Client, d => d.Reason, "left out"),
            Row("aggregate", a.Aggregate, b.Aggregate),
            Row("global model", a.GlobalModel, b.GlobalModel),
            Row("adapter", a.Adapter, b.Adapter),
            Row("injection loss", Number(a.InjectionLoss), Number(b.InjectionLoss)),
            .. Each(v => v.PhaseMilliseconds, p => p.Phase, p => p.Milliseconds.ToString(CultureInfo.InvariantCulture), "milliseconds"),
        ];

        IEnumerable<CommandRow> Each<T>(Func<RoundView, T[]> items, Func<T, string> name, Func<T, string> value, string what)
        {
            var (left, right) = (items(a).ToDictionary(name, value), items(b).ToDictionary(name, value));
            // In the order the rounds tell them.
            return items(a).Concat(items(b)).Select(name).Distinct().Select(n => Row($"{what} {n}", left.GetValueOrDefault(n, ""), right.GetValueOrDefault(n, "")));
        }
    }

    private static CommandRow Row(string what, string a, string b) => CommandRow.Of(
        ("what", what), ("a", a.Length == 0 ? None : a), ("b", b.Length == 0 ? None : b), ("same", a == b));

    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);
}
