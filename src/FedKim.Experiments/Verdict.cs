using System.Collections.Immutable;

namespace FedKim.Experiments;

/// <summary>What a model is worth: whether it is shown to be better than the small models alone and than every constant answer.</summary>
/// <param name="Comparisons">What it was compared with; empty where it was not.</param>
/// <param name="Sentence">The same in words.</param>
/// <param name="Samples">Test samples that were compared, under each seed.</param>
/// <param name="Patients">Whose they are.</param>
public sealed record Verdict(ImmutableArray<Comparison> Comparisons, string Sentence, int Samples = 0, int Patients = 0)
{
    /// <summary>The verdict where the task was not measured.</summary>
    public static Verdict NotMeasured { get; } = new([], "not measured");

    /// <summary>Whether it is shown to be better than all that it was compared with; null where that was nothing.</summary>
    public bool? Beats => Comparisons.IsEmpty ? null : Comparisons.All(c => c.Word == Comparison.Helps);

    /// <summary>No verdict.</summary>
    /// <param name="why">Why, after a colon.</param>
    public static Verdict None(string why) => new([], $"no verdict: {why}");
}
