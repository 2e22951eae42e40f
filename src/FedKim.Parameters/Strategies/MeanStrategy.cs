namespace FedKim.Parameters.Strategies;

/// <summary>
/// FedAvg (arXiv 1602.05629; eq. 3 of arXiv 2408.10276): the clients' mean is the next model. FedProx differs in the clients' loss alone (eq. 6).
/// </summary>
/// <param name="name">Its name in a federation file.</param>
/// <param name="proximal">Whether clients are kept near the model they start from.</param>
internal sealed class MeanStrategy(string name, bool proximal = false) : IStrategy
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool Proximal => proximal;

    /// <inheritdoc/>
    public void Combine(Tile tile)
    {
        // The mean is what stands there.
    }
}
