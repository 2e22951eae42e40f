using System.Collections.Immutable;
using System.Globalization;

namespace FedKim.Experiments;

/// <summary>The rates of a task, 0 to 1, by the names they have in an experiment's file.</summary>
public static class Rate
{
    /// <summary>Area under the receiver operating characteristic.</summary>
    public const string Auroc = "auroc";

    /// <summary>Area under the precision-recall curve.</summary>
    public const string Auprc = "auprc";

    /// <summary>Share of the positive samples that are found while nine of ten negative ones are not.</summary>
    public const string Sensitivity = "sensitivity-at-0.9";

    /// <summary>Mean square of what lies between probability and outcome.</summary>
    public const string Brier = "brier";

    /// <summary>How far probabilities are from how often they come true, over ten bins.</summary>
    public const string CalibrationError = "calibration-error";

    /// <summary>Share of generated yes and no that equal the reference.</summary>
    public const string ExactMatch = "exact-match";

    /// <summary>The BLEU that the report's interval is of.</summary>
    public const string Bleu = "bleu";

    /// <summary>Before a rate of <see cref="Decided"/>: the same of what the model says when it speaks freely, no answer being wrong.</summary>
    public const string Greedy = "greedy-";

    private static readonly ImmutableArray<(string Name, string Title)> Table =
    [
        ("accuracy", "accuracy"), ("precision", "precision"), ("recall", "recall"), ("f1", "F1"), (Auroc, "AUROC"), (Auprc, "AUPRC"),
        (Sensitivity, "sensitivity at specificity 0.9"), (Brier, "Brier score"), (CalibrationError, "calibration error"),
        ("greedy-accuracy", "greedy accuracy"), ("greedy-precision", "greedy precision"), ("greedy-recall", "greedy recall"), ("greedy-f1", "greedy F1"),
        (ExactMatch, "exact match"), (Bleu, "BLEU"), ("bleu-1", "BLEU-1"), ("bleu-2", "BLEU-2"), ("bleu-3", "BLEU-3"), ("bleu-4", "BLEU-4"),
    ];

    /// <summary>The rates of a decision between two answers.</summary>
    public static ImmutableArray<string> Decided { get; } = ["accuracy", "precision", "recall", "f1"];

    /// <summary>The rates that no report has: they are made of what is said of each sample.</summary>
    public static ImmutableArray<string> OfSamples { get; } = [Auprc, Sensitivity, Brier, CalibrationError];

    /// <summary>Every rate.</summary>
    public static ImmutableArray<string> All { get; } = [.. Table.Select(rate => rate.Name)];

    /// <summary>The name that people know it by.</summary>
    public static string Title(string rate) => Table.FirstOrDefault(known => known.Name == rate).Title ?? rate;

    /// <summary>Whether less of it is better.</summary>
    public static bool LessIsBetter(string rate) => rate is Brier or CalibrationError;

    /// <summary>Whether it asks for nothing but an order of the samples, which is the same for every constant answer: none.</summary>
    public static bool IsOfOrder(string rate) => rate is Auroc or Auprc or Sensitivity;

    /// <summary>Words of the longest phrases that a BLEU compares; null for other rates.</summary>
    public static int? Phrases(string rate) => rate switch
    {
        Bleu => 1,
        ['b', 'l', 'e', 'u', '-', var longest] => longest - '0',
        _ => null,
    };

    /// <summary>A rate as people read it, to three digits.</summary>
    public static string Text(double rate) => rate.ToString("0.000", CultureInfo.InvariantCulture);
}
