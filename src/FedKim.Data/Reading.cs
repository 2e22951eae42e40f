using System.Collections.Immutable;

namespace FedKim.Data;

/// <summary>What a reader tells of its data besides the samples, while it reads them.</summary>
public sealed class Reading
{
    private readonly SortedDictionary<string, int> _notAsked = new(StringComparer.Ordinal), _seen = new(StringComparer.Ordinal);
    private readonly List<LeftOut> _leftOut = [];
    private readonly List<string> _remarks = [];

    /// <summary>What the files list and what is no sample all the same.</summary>
    public ICollection<LeftOut> LeftOut => _leftOut;

    /// <summary>Tells of something that is listed, sound, and no sample of this task: its label is another's, or the source asks for others.</summary>
    /// <returns>Null, for the sample that it is not.</returns>
    public Sample? NotAsked(string reason, int count = 1)
    {
        _notAsked[reason] = _notAsked.GetValueOrDefault(reason) + count;
        return null;
    }

    /// <summary>Counts how something is stored, or what was done to read it.</summary>
    public void See(string what, int count = 1) => _seen[what] = _seen.GetValueOrDefault(what) + count;

    /// <summary>Tells what a person should look at, though it can be read.</summary>
    public void Remark(string remark) => _remarks.Add(remark);

    /// <summary>The samples together with all that was told.</summary>
    internal DataSet Of(Sample[] samples, IEnumerable<KeyValuePair<string, ValueRange>> variables)
    {
        var ranges = new SortedDictionary<string, ValueRange>(StringComparer.Ordinal);
        foreach (var (modality, values) in samples.SelectMany(sample => sample.Inputs))
        {
            var range = ranges.GetValueOrDefault(modality, ValueRange.None);
            for (int i = 0; i < values.Data.Length; i++)
            {
                if (values.Mask is null || values.Mask[i])
                    range = range.With(values.Data[i]);
            }

            ranges[modality] = range;
        }

        foreach (var (name, range) in variables)
            ranges[name] = range;
        var measured = ranges.Where(range => range.Value.Least <= range.Value.Most).ToImmutableSortedDictionary(StringComparer.Ordinal);
        return new DataSet(ImmutableArray.Create(samples))
        {
            LeftOut = [.. _leftOut],
            NotAsked = _notAsked.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Seen = _seen.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Ranges = measured,
            Remarks = [.. _remarks, .. Plausibility.Remarks(measured)],
        };
    }
}
