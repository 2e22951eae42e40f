using FedKim.Rounds;

namespace FedKim.Parameters.Strategies;

/// <summary>
/// How a server makes one model of the clients' updates: the <c>strategy</c> of a federation file. FedKim's own are nothing else, and a package
/// adds one by a public class with a constructor without parameters.
/// </summary>
/// <remarks>
/// A strategy is a pure function of tiles. It reads no clock and no file, draws no number and remembers nothing: another server, or the same one
/// after a crash, must come to the same bits from the same updates. What it has to remember it declares (<see cref="Keeps"/>). One object serves
/// every round of every federation, several at once.
/// </remarks>
public interface IStrategy
{
    /// <summary>Its name in a federation file: lower-case letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>
    /// The constants it takes where a federation file's <c>server-optimizer</c> does not say otherwise, a β₂ of 0 where it has none; null for a
    /// strategy that has no use for constants and keeps nothing.
    /// </summary>
    ServerOptimizer? Recommended => null;

    /// <summary>Whether a client's loss keeps it near the model it started from (<c>local.proximal</c>).</summary>
    bool Proximal => false;

    /// <summary>
    /// Whether no client moves a part of the model farther than the median client does: a longer change counts by its direction and that length.
    /// Lengths are L2 over the part's floating-point tensors; to learn them takes a pass over all updates of its own.
    /// </summary>
    bool ClipsUpdates => false;

    /// <summary>
    /// Whether it looks at each client's values (<see cref="Tile.Update"/>), and not only at their mean. All updates of a round are open at once
    /// then, however many they are, and a tile of each is in memory.
    /// </summary>
    bool SeesUpdates => false;

    /// <summary>
    /// What it remembers of each learned value from round to round. It is stored in the aggregate, and so is as safe as the model itself. Only a
    /// strategy with constants (<see cref="Recommended"/>) can keep something.
    /// </summary>
    /// <param name="constants">The federation's constants.</param>
    IReadOnlyList<KeptTensor> Keeps(ServerOptimizer constants) => [];

    /// <summary>
    /// Makes the new model's values of a tile. Called for each tile of each floating-point tensor that somebody votes on; counters take the
    /// greatest value, and what nobody votes on stays as it is.
    /// </summary>
    /// <param name="tile">Its <see cref="Tile.Values"/> are the clients' weighted mean, and become what is left there.</param>
    void Combine(Tile tile);
}
