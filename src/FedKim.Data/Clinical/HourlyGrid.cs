using System.Collections.Immutable;

namespace FedKim.Data.Clinical;

/// <summary>One stay's values by hour while they are read: each modality [hours, variables], standardised, with what was measured.</summary>
/// <param name="source">The task's source.</param>
/// <param name="ranges">Told of every value.</param>
internal sealed class HourlyGrid(TaskSource source, VariableRanges ranges)
{
    private readonly ImmutableArray<Variable>[] _variables = [.. source.Variables.Values];
    private readonly Values[] _values = [.. source.Variables.Values.Select(variables => new Values(
        [source.Hours, variables.Length], new float[source.Hours * variables.Length], new bool[source.Hours * variables.Length]))];

    /// <summary>Checks what a source says of its grid.</summary>
    /// <exception cref="DataException">It has no hours or no variables.</exception>
    public static void Check(TaskSource source, string folder)
    {
        if (source.Hours < 1)
            throw new DataException(folder, $"hours is {source.Hours}; it must be at least 1.");
        if (source.Variables.IsEmpty)
            throw new DataException(folder, "the task names no variables; name the data set's columns by modality.");
    }

    /// <summary>Enters a measurement; one that is no finite number or lies outside the variable's bounds stays unmeasured.</summary>
    /// <param name="modality">Place of the modality, in ordinal order.</param>
    /// <param name="variable">Place of the variable within it.</param>
    /// <param name="hour">0 to hours - 1.</param>
    /// <param name="value">In the data set's unit.</param>
    /// <returns>Whether it was entered.</returns>
    public bool Enter(int modality, int variable, int hour, double value)
    {
        var description = _variables[modality][variable];
        if (!double.IsFinite(value))
            return false;
        if (value < description.Least || value > description.Most)
        {
            ranges.Outside(modality, variable);
            return false;
        }

        ranges.Take(modality, variable, value);
        var values = _values[modality];
        int at = (hour * values.Shape[1]) + variable;
        values.Data[at] = (float)((value - description.Mean) / description.Deviation);
        values.Mask![at] = true;
        return true;
    }

    public ImmutableSortedDictionary<string, Values> Inputs() => source.Variables.Keys.Zip(_values).ToImmutableSortedDictionary(
        pair => pair.First, pair => pair.Second, source.Variables.KeyComparer);
}
