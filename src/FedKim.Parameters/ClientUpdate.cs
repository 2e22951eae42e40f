using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>One client's accepted update.</summary>
/// <param name="Client">Whose it is; sums run in the order of these.</param>
/// <param name="Open">Opens the update, checked by <see cref="UpdateCheck"/>; who calls it disposes what it gives.</param>
/// <param name="Samples">Samples it was trained on, by task.</param>
public sealed record ClientUpdate(ClientId Client, Func<ITensorFile> Open, SampleCounts Samples)
{
    /// <param name="client">Whose it is.</param>
    /// <param name="file">A plain file, safetensors.</param>
    /// <param name="samples">Samples it was trained on, by task.</param>
    public ClientUpdate(ClientId client, WeightFile file, SampleCounts samples)
        : this(client, () => SafetensorsReader.Open(file), samples)
    {
    }
}
