using FedKim.Rounds;

namespace FedKim.Parameters.Strategies;

/// <summary>
/// An adaptive server (arXiv 2003.00295): it steps along the clients' mean change instead of making it its own. Both moments are kept from round
/// to round.
/// </summary>
/// <param name="name">Its name in a federation file.</param>
/// <param name="rule">How the second moment moves.</param>
/// <param name="recommended">The constants that the paper recommends.</param>
internal sealed class AdaptiveStrategy(string name, SecondMoment rule, ServerOptimizer recommended) : IStrategy
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public ServerOptimizer? Recommended => recommended;

    /// <inheritdoc/>
    public IReadOnlyList<KeptTensor> Keeps(ServerOptimizer constants) => [new("m", 0), new("v", constants.Tau * constants.Tau)];

    /// <inheritdoc/>
    public void Combine(Tile tile)
    {
        // Statistics are means already: a step along them could leave a variance below zero. (The paper's own models have none.)
        if (!tile.IsLearned)
            return;
        new AdaptiveRule(rule, tile.Constants!).Apply(tile.TakeChange(), tile.Kept(0), tile.Kept(1));
        tile.AddStart();
    }
}
