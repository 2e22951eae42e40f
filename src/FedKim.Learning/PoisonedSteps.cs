using System.Runtime.InteropServices;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// Goes back to the last checkpoint when a step is poisoned. A passing fault ends with the same bytes as if it had not been; one that comes
/// again at the same step will come for ever and ends the work at once.
/// </summary>
internal static class PoisonedSteps
{
    private const int MostRetries = 2;

    /// <summary>The result of <paramref name="work"/>, which starts at its last checkpoint each time.</summary>
    /// <exception cref="LearningException">A step stays poisoned; the message says what to change.</exception>
    internal static T Retry<T>(Func<T> work, Action<string> warn)
    {
        PoisonedStepException? before = null;
        for (int retries = 0; ; retries++)
        {
            try
            {
                return work();
            }
            catch (PoisonedStepException e) when (retries < MostRetries && e.Step != before?.Step)
            {
                before = e;
                warn($"{e.Message} The work goes back to its last checkpoint.");
            }
            catch (PoisonedStepException e)
            {
                throw new LearningException($"{e.Message} It {(e.Step == before?.Step ? "came again at the same step" : $"came {retries + 1} times")} after going back to the last checkpoint.", e, e.Reason);
            }
        }
    }

    /// <summary>The same for work that gives nothing back.</summary>
    /// <exception cref="LearningException">As above.</exception>
    internal static void Retry(Action work, Action<string> warn) => _ = Retry(
        () =>
        {
            work();
            return true;
        }, warn);

    /// <summary>One step; what torch or the device cannot do is told as a poisoned step.</summary>
    internal static double Make(Func<double> step, long number, string who)
    {
        try
        {
            return step();
        }
        catch (Exception e) when (e is ExternalException or OutOfMemoryException)
        {
            string told = e.Message.Split('\n', 2)[0].Trim();
            bool full = MicroBatches.IsWantOfMemory(e);
            throw new PoisonedStepException(
                number, $"{who}: step {number} broke: {told}{(full ? ". Lower the batch size, or free the device's memory" : "")}.",
                (full ? SiteSentences.NoMemory : SiteSentences.StepBroke).Say(number), e);
        }
    }
}
