using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// The order in which an epoch's steps see a task's samples. Tasks with unequal numbers of samples share the steps of an epoch: a smaller task
/// has smaller batches, or starts over where these would become too small.
/// </summary>
/// <param name="order">Places of samples.</param>
/// <param name="steps">Steps of the epoch.</param>
internal sealed class EpochOrder(int[] order, int steps)
{
    /// <summary>Draws an epoch's order: all samples once, and all in another order again as often as needed.</summary>
    /// <param name="samples">How many there are, above 0.</param>
    /// <param name="steps">Steps of the epoch, above 0.</param>
    /// <param name="least">Samples that a step has at least, where there are as many; 0 for all samples once.</param>
    /// <param name="generator">Shuffles them.</param>
    internal static EpochOrder Draw(int samples, int steps, int least, SeededGenerator generator)
    {
        int seen = Seen(samples, steps, least);
        int[] all = [.. Enumerable.Range(0, samples)];
        List<int> order = [];
        while (order.Count < seen)
        {
            generator.Shuffle<int>(all);
            order.AddRange(all.Take(seen - order.Count));
        }

        return new EpochOrder([.. order], steps);
    }

    /// <summary>How many samples an epoch sees, those that it sees several times counted as often.</summary>
    internal static int Seen(int samples, int steps, int least) => Math.Max(samples, Math.Min(least, samples) * steps);

    /// <summary>The samples of a step, from 0; none at some steps of an epoch that sees fewer samples than it has steps.</summary>
    internal int[] At(int step) => order[(int)((long)step * order.Length / steps)..(int)((long)(step + 1) * order.Length / steps)];
}
