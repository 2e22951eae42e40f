using System.Collections.Immutable;
using FedKim.Data;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>What the methods of one cell say of each sample.</summary>
public sealed class KeptPredictions
{
    private readonly ImmutableDictionary<(string Task, string Method), ImmutableArray<Prediction>> _said;

    private KeptPredictions(ImmutableDictionary<(string, string), ImmutableArray<Prediction>> said) => _said = said;

    /// <summary>Sorts predictions by task and method.</summary>
    /// <param name="predictions">In the order in which they were made.</param>
    /// <param name="path">Where they are from, for the error.</param>
    /// <exception cref="DataException">The methods answer other samples of a task, so that they cannot be compared.</exception>
    public static KeptPredictions Of(IEnumerable<Prediction> predictions, string path)
    {
        var said = predictions.GroupBy(p => (p.Task, p.Method)).ToImmutableDictionary(group => group.Key, group => group.ToImmutableArray());
        foreach (var task in said.GroupBy(group => group.Key.Task, group => group.Value))
        {
            if (task.Any(method => !method.Select(Asked).SequenceEqual(task.First().Select(Asked))))
                throw new DataException(path, $"its methods answer other samples of {task.Key}, or in another order; measure the model again.");
        }
        return new KeptPredictions(said);
    }

    /// <summary>What is asked, whoever answers.</summary>
    public static (string Sample, string Patient, int? Label, string? Wanted) Asked(Prediction said) => (said.Sample, said.Patient, said.Label, said.Wanted);

    /// <summary>What a method says of a task's samples, in their order; empty where it was not asked.</summary>
    public ImmutableArray<Prediction> Of(string task, string method) => _said.GetValueOrDefault((task, method), []);

    /// <summary>Why these cannot be what a report was made of; null where they can.</summary>
    /// <param name="measured">The report's measurements.</param>
    public string? Difference(ImmutableArray<Measurement> measured)
    {
        foreach (var m in measured)
        {
            var said = Of(m.Task, m.Method);
            if (said.Length != m.N)
                return $"they have {said.Length} samples of {m.Task} by {m.Method}, and the report {m.N}";
            // To the digits that a table shows: a GPU does not add twice in one order.
            if (Told().FirstOrDefault(rate => SampleRate.Once(rate, said) is { } made && Math.Abs(made - m.Rates[rate]) > 0.0005) is { } other)
                return $"{Rate.Title(other)} of {m.Task} by {m.Method} is {Rate.Text(SampleRate.Once(other, said)!.Value)} by them, and {Rate.Text(m.Rates[other])} in the report";

            IEnumerable<string> Told() => ((string[])[Rate.Auroc, Rate.Bleu]).Where(m.Rates.ContainsKey);
        }
        return null;
    }
}
