using FedKim.Rounds;

namespace FedKim.Data;

/// <summary>
/// Where which picture stands. The same picture under two patients' names would otherwise be trained on in one place and measured with in
/// another.
/// </summary>
internal sealed class PicturePlaces
{
    private readonly Dictionary<Digest, (string Place, string Sample)> _first = [];
    private readonly Dictionary<(string, string), string> _problems = [];

    /// <summary>The first picture of each two places that have one in common.</summary>
    public IEnumerable<string> Problems => _problems.Values;

    public void Add(string place, string task, DataSet data)
    {
        foreach (var sample in data.Samples)
        {
            if (!sample.Inputs.TryGetValue(Modality.Image.Kind, out var picture))
                continue;
            var digest = picture.Fingerprint();
            if (_first.TryAdd(digest, (place, sample.Id)) || _first[digest].Place == place)
                continue;
            _problems.TryAdd((_first[digest].Place, place),
                $"{place}: sample {sample.Id} of {task} shows the same picture as {_first[digest].Sample} in {_first[digest].Place}; keep one of them.");
        }
    }
}
