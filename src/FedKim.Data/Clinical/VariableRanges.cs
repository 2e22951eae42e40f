using System.Globalization;

namespace FedKim.Data.Clinical;

/// <summary>How far each variable's values reach over all stays of a task, and how many were no values: a unit that is another shows here.</summary>
internal sealed class VariableRanges(TaskSource source)
{
    // Means of several thousand stays lie within a few deviations of the mean that was written down for the same unit.
    private const double FarFromTheMean = 8;

    private readonly (string Name, Variable Variable)[] _variables =
        [.. source.Variables.SelectMany(m => m.Value.Select(variable => ($"{m.Key}.{variable.Name}", variable)))];

    private readonly int[] _first = [.. source.Variables.Values.Select((_, m) => source.Variables.Values.Take(m).Sum(variables => variables.Length))];
    private readonly ValueRange[] _ranges = [.. source.Variables.Values.SelectMany(variables => variables.Select(_ => ValueRange.None))];
    private readonly double[] _sums = new double[source.Variables.Values.Sum(variables => variables.Length)];
    private readonly long[] _counts = new long[source.Variables.Values.Sum(variables => variables.Length)];
    private readonly long[] _outside = new long[source.Variables.Values.Sum(variables => variables.Length)];

    /// <summary>A value that was taken.</summary>
    /// <param name="modality">Place of the modality, in ordinal order.</param>
    /// <param name="variable">Place of the variable within it.</param>
    /// <param name="value">In the data set's unit.</param>
    public void Take(int modality, int variable, double value)
    {
        int at = _first[modality] + variable;
        _ranges[at] = _ranges[at].With(value);
        _sums[at] += value;
        _counts[at]++;
    }

    /// <summary>A value outside of its variable's bounds, which counts as unmeasured.</summary>
    public void Outside(int modality, int variable) => _outside[_first[modality] + variable]++;

    /// <summary>Modality and variable → how far its values reach.</summary>
    public IEnumerable<KeyValuePair<string, ValueRange>> Ranges() => _variables.Zip(_ranges, (v, range) => KeyValuePair.Create(v.Name, range));

    /// <summary>Tells what was taken for unmeasured, and where a unit seems to be another.</summary>
    public void Tell(Reading reading)
    {
        for (int i = 0; i < _variables.Length; i++)
        {
            var (name, variable) = _variables[i];
            if (_outside[i] > 0)
                reading.See($"{name} outside of its bounds and unmeasured", (int)Math.Min(int.MaxValue, _outside[i]));
            if (_outside[i] > _counts[i])
                reading.Remark($"most values of {name} lie outside of its bounds {Bound(variable.Least)} to {Bound(variable.Most)}; look at its unit.");
            double mean = _counts[i] == 0 ? variable.Mean : _sums[i] / _counts[i], deviations = Math.Abs(mean - variable.Mean) / variable.Deviation;
            if (deviations > FarFromTheMean)
            {
                reading.Remark(string.Create(CultureInfo.InvariantCulture,
                    $"the mean of {name} is {mean:0.###}, {deviations:0} deviations from the one that the source says; look at its unit."));
            }
        }
    }

    private static string Bound(double? bound) => bound is { } value ? Plausibility.Text(value) : "none";
}
