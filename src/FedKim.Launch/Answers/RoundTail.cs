using System.Runtime.CompilerServices;
using FedKim.Commands.Answers;
using FedKim.Protocol.Messages;
using static FedKim.Protocol.Messages.FederationQueries;

namespace FedKim.Launch.Answers;

/// <summary>The rows of <c>round tail</c>: a federation's rounds as they happen, from the open one on, until the federation has ended.</summary>
internal static class RoundTail
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>The rows.</summary>
    /// <param name="node">Who is asked.</param>
    /// <param name="name">The federation; empty for the one that runs.</param>
    /// <param name="time">The only source of time.</param>
    /// <param name="cancel">Ends it.</param>
    public static async IAsyncEnumerable<CommandRow> Of(IAnsweringNode node, string name, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (round, told) = (0, 0);
        while (true)
        {
            // By its name from then on: another one may begin meanwhile.
            var federation = await node.AskAsync<FederationView>(new GetFederation(name), cancel);
            name = federation.Federation;
            int latest = Math.Max(federation.OpenRound, federation.CommittedRounds);
            if (round == 0)
                round = latest;
            while (round > 0)
            {
                var lines = await node.StoryAsync(name, round, cancel);
                foreach (var line in lines.Skip(told))
                    yield return CommandRow.Of(("time", DateTimeOffset.FromUnixTimeMilliseconds(line.At)), ("round", (long)round), ("event", line.Text));
                told = lines.Count;
                if (round >= latest)
                    break;
                (round, told) = (round + 1, 0);
            }

            if (federation.Phase is "Completed" or "Failed" or "Stopped")
                yield break;
            await Task.Delay(LookEvery, time, cancel);
        }
    }
}
