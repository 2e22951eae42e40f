using FedKim.Actors.Server.Rounds;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Answers;

/// <summary>Computes a round's aggregate anew from the updates that are still in the spool. Changes nothing; takes as long as summing them did.</summary>
internal static class RoundReplay
{
    /// <summary>The aggregate as it comes out now, beside the one in the journal.</summary>
    /// <param name="round">The round.</param>
    /// <param name="plan">Its federation's plan.</param>
    /// <param name="server">Where updates and models are.</param>
    /// <param name="output">Path for the aggregate, which is removed again.</param>
    public static ReplayView Run(Round round, FederationPlan plan, ServerContext server, string output)
    {
        string recorded = round.Aggregate?.Hex ?? "";
        if (round.HasEnded || server.Spool.Find(round.Id) is not { } spool)
            return Without("the round has ended, and its updates were destroyed with their key, as promised to the sites");
        if (round.Accepted.IsEmpty)
            return Without("no update counts yet");
        if (round.Accepted.FirstOrDefault(a => !spool.Has(a.Value.Update)) is { Value: { } lost } missing)
            return Without($"update {lost.Update.Short} of {missing.Key} is not in this server's spool");
        var sum = RoundEffects.Aggregate.Of(round);
        if (RoundEffects.Needs(sum).Where(d => !server.Store.Has(d)).Select(d => d.Short).ToArray() is { Length: > 0 } lacking)
            return Without($"what the aggregate starts from, {string.Join(" and ", lacking)}, is not at this server");
        try
        {
            string computed = RoundSum.Run(plan, sum, spool, server.Store, output).Hex;
            return new ReplayView(round.Id.Number, round.Accepted.Count, recorded, computed, recorded.Length == 0
                ? "the round has not recorded an aggregate yet; this is the one of the updates that count so far"
                : computed == recorded ? "the recorded aggregate is the sum of these updates" : "THE RECORDED AGGREGATE IS NOT THE SUM OF THESE UPDATES");
        }
        catch (DamagedException e)
        {
            string whose = round.Accepted.FirstOrDefault(a => a.Value.Update == e.Digest).Key.Value is { } client ? $"the update of {client}" : "what the aggregate starts from";
            return Without($"{whose} was damaged on this server's disk: {Reason.WithoutPaths(e.Message)}; it is asked for again when it is needed");
        }
        catch (Exception e) when (e is IOException or SafetensorsException)
        {
            // The round may end while it is replayed, and its updates with it.
            return Without($"the updates cannot be read: {Reason.WithoutPaths(e.Message)}");
        }
        finally
        {
            File.Delete(output);
        }

        ReplayView Without(string why) => new(round.Id.Number, 0, recorded, "", $"nothing was computed: {why}");
    }
}
