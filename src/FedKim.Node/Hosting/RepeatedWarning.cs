using System.Diagnostics;
using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>What hinders a node's weights, said in its log. It is tried again every few seconds, and one line a minute is enough of the same.</summary>
/// <param name="log">The node's log.</param>
internal sealed class RepeatedWarning(ILogger log)
{
    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(1);

    private readonly Lock _turn = new();
    private string _last = "";
    private long _since;

    /// <summary>Says it, from any thread.</summary>
    public void Say(string what, Exception e)
    {
        lock (_turn)
        {
            if (what != _last || Stopwatch.GetElapsedTime(_since) > SayAgain)
                log.Warning("Weights: {Problem:l} ({Detail:l})", what, e.Message);
            (_last, _since) = (what, Stopwatch.GetTimestamp());
        }

        log.Debug(e, "Weights: {Problem:l}", what);
    }
}
