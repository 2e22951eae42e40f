namespace FedKim.Parameters.Strategies;

/// <summary>
/// FedAvg (arXiv 1602.05629; eq. 3 of arXiv 2408.10276): the clients' mean is the next model. FedProx differs in the clients' loss alone (eq. 6). With
/// clipping it is the mean of changes that are no longer than the median client's.
/// </summary>
/// <param name="name">Its name in a federation file.</param>
/// <param name="proximal">Whether clients are kept near the model they start from.</param>
/// <param name="clips">Whether changes are clipped.</param>
internal sealed class MeanStrategy(string name, bool proximal = false, bool clips = false) : IStrategy
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool Proximal => proximal;

    /// <inheritdoc/>
    public bool ClipsUpdates => clips;

    /// <inheritdoc/>
    public void Combine(Tile tile)
    {
        // The mean is what stands there.
    }
}
