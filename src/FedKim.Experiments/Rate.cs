using System.Collections.Immutable;
using System.Globalization;

namespace FedKim.Experiments;

/// <summary>The rates a report may give of a task, 0 to 1, by the names they have in an experiment's file.</summary>
public static class Rate
{
    /// <summary>Area under the receiver operating characteristic.</summary>
    public const string Auroc = "auroc";

    /// <summary>Share of generated yes and no that equal the reference.</summary>
    public const string ExactMatch = "exact-match";

    /// <summary>The BLEU that the report's interval is of.</summary>
    public const string Bleu = "bleu";

    /// <summary>Before a rate of <see cref="Decided"/>: the same of what the model says when it speaks freely, no answer being wrong.</summary>
    public const string Greedy = "greedy-";

    /// <summary>The rates of a decision between two answers.</summary>
    public static ImmutableArray<string> Decided { get; } = ["accuracy", "precision", "recall", "f1"];

    /// <summary>Every rate.</summary>
    public static ImmutableArray<string> All { get; } =
        [.. Decided, Auroc, .. Decided.Select(rate => Greedy + rate), ExactMatch, Bleu, "bleu-1", "bleu-2", "bleu-3", "bleu-4"];

    /// <summary>The name that people know it by.</summary>
    public static string Title(string rate) => rate switch
    {
        "f1" => "F1",
        Auroc => "AUROC",
        ExactMatch => "exact match",
        _ when rate.StartsWith(Greedy, StringComparison.Ordinal) => $"greedy {Title(rate[Greedy.Length..])}",
        _ when rate.StartsWith(Bleu, StringComparison.Ordinal) => rate.ToUpperInvariant(),
        _ => rate,
    };

    /// <summary>A rate as people read it, to three digits.</summary>
    public static string Text(double rate) => rate.ToString("0.000", CultureInfo.InvariantCulture);
}
