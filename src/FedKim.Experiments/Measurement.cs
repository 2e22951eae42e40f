using System.Collections.Immutable;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>What one report says of one task under one method.</summary>
/// <param name="Task">The task.</param>
/// <param name="Method">The method's name in the report.</param>
/// <param name="N">Test samples.</param>
/// <param name="Rates">The rates that were measured, by their names in <see cref="Rate"/>.</param>
/// <param name="Unparsed">Share of outputs that were no answer; null where the report does not say.</param>
/// <param name="Low">Lower end of the bootstrap's 95 % interval of AUROC, or of BLEU for generated answers; null where there is none.</param>
/// <param name="High">Upper end.</param>
/// <param name="Trivial">Constant answer → the rates it reaches on the same samples.</param>
public sealed record Measurement(
    string Task,
    string Method,
    int N,
    ImmutableDictionary<string, double> Rates,
    double? Unparsed,
    double? Low,
    double? High,
    ImmutableSortedDictionary<string, ImmutableDictionary<string, double>> Trivial)
{
    /// <summary>The trained task whose decoder answers for small models that have none for the task; null where they have.</summary>
    public string? Decoder { get; init; }

    /// <summary>The measurement with the rates that are made of what is said of each sample.</summary>
    public Measurement With(ImmutableArray<Prediction> said)
    {
        if (said.IsEmpty)
            return this;
        var constants = ConstantAnswers.To(said).ToDictionary(constant => constant.Name, constant => constant.Said, StringComparer.Ordinal);
        return this with
        {
            Rates = Rates.SetItems(Made(said)),
            Trivial = Trivial.ToImmutableSortedDictionary(
                t => t.Key, t => constants.TryGetValue(t.Key, out var constant) ? t.Value.SetItems(Made(constant)) : t.Value, StringComparer.Ordinal),
        };
    }

    private static IEnumerable<KeyValuePair<string, double>> Made(ImmutableArray<Prediction> said) =>
        Rate.OfSamples.Select(rate => (Rate: rate, Value: SampleRate.Once(rate, said))).Where(made => made.Value is not null)
            .Select(made => KeyValuePair.Create(made.Rate, made.Value!.Value));
}
