using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Server.Rounds;

/// <summary>A round's aggregate, computed from what the server holds.</summary>
internal static class RoundSum
{
    /// <summary>Writes the aggregate, not synced to disk.</summary>
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

    /// <summary>Makes the aggregate and puts it into the server's store. Errors are those of <see cref="Run"/>, and those of files.</summary>
    /// <param name="round">The round.</param>
    /// <param name="plan">The federation's plan.</param>
    /// <param name="sum">What is summed.</param>
    /// <param name="spool">Holds the round's updates.</param>
    /// <param name="server">Holds the rest.</param>
    /// <returns>Its digest.</returns>
    public static Digest Make(RoundId round, FederationPlan plan, RoundEffects.Aggregate sum, RoundSpool spool, ServerContext server)
    {
        Directory.CreateDirectory(server.Scratch);
        string output = Path.Combine(server.Scratch, $"{round.Federation}-{round.Number}-aggregate.safetensors");
        var digest = Run(plan, sum, spool, server.Store, output);
        // Syncs it; before that it can be made again.
        server.Store.Import(new WeightFile(output, digest));
        File.Delete(output);
        return digest;
    }
}
