using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>A round's aggregate, computed from what the server holds.</summary>
internal static class RoundSum
{
    /// <summary>Writes the aggregate.</summary>
    /// <param name="plan">The federation's plan.</param>
    /// <param name="sum">What is summed.</param>
    /// <param name="spool">Holds the round's updates.</param>
    /// <param name="store">Holds the model and the moments it starts from.</param>
    /// <param name="output">Path of the aggregate.</param>
    /// <returns>Its digest.</returns>
    /// <exception cref="DamagedException">An update, the model or the moments are not what was accepted: no aggregate was written.</exception>
    /// <exception cref="SafetensorsException">See <see cref="Aggregation.Run"/>, whose other errors it throws too.</exception>
    public static Digest Run(FederationPlan plan, RoundEffects.Aggregate sum, RoundSpool spool, WeightStore store, string output) => Aggregation.Run(
        plan,
        [.. sum.Accepted.Select(a => new ClientUpdate(a.Key, () => spool.Read(a.Value.Update), a.Value.Samples))],
        store.Get(sum.GlobalModel),
        output,
        sum.Moments is { } moments ? store.Get(moments) : null);
}
