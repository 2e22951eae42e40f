using FedKim.Rounds;

namespace FedKim.Data;

/// <summary>
/// Samples as they come in, each once. A picture that two patients show under different names is the same picture listed twice: split by
/// patient, it would stand in training and test at once. One patient's equal pictures stay together and do no harm.
/// </summary>
/// <param name="folder">The task's data folder, for the error.</param>
internal sealed class DistinctSamples(string folder)
{
    private readonly Dictionary<string, Sample> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, Sample> _byPicture = [];

    /// <exception cref="DataException">A sample of this id, or of another patient with the same picture, is there already.</exception>
    public void Add(Sample sample)
    {
        if (_byId.ContainsKey(sample.Id))
            throw new DataException(folder, $"sample '{sample.Id}' is listed twice; keep one of them.");
        if (sample.Inputs.TryGetValue(Modality.Image.Kind, out var picture))
        {
            var digest = picture.Fingerprint();
            var first = _byPicture.GetValueOrDefault(digest, sample);
            if (first.Patient != sample.Patient)
                throw new DataException(folder, $"sample '{sample.Id}' shows the same picture as '{first.Id}' of another patient; keep one of them.");
            _byPicture[digest] = first;
        }

        _byId.Add(sample.Id, sample);
    }

    /// <summary>The samples, in ordinal order of their ids.</summary>
    public Sample[] InOrder() => [.. _byId.Values.OrderBy(sample => sample.Id, StringComparer.Ordinal)];
}
