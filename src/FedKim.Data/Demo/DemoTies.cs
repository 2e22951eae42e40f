using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Data.Demo;

/// <summary>How far a label that hospitals train tells apart the samples of a task that nobody trains.</summary>
/// <param name="ZeroShot">The task that nobody trains.</param>
/// <param name="Trained">A task that is trained, of the same modality.</param>
/// <param name="Auroc">What a perfect detector of the trained label reaches on the other, in development and test data.</param>
internal sealed record DemoTie(string ZeroShot, string Trained, double Auroc);

/// <summary>
/// What the demonstration's zero-shot tasks owe to the trained ones. Findings come together in people, and no further here: otherwise who knows a
/// trained task by heart would pass for somebody who has understood another.
/// </summary>
internal static class DemoTies
{
    /// <summary>
    /// Every pair of one modality, about as in people: pneumonia tells effusions apart by 0.56 on 1,993 pictures of ChestX-ray14, and PTB-XL's
    /// abnormal, which is about diagnoses and not about form or rhythm, ectopic beats by 0.64 on its first 400 records.
    /// </summary>
    public static readonly ImmutableArray<DemoTie> All =
    [
        new(DemoTasks.PleuralEffusion, DemoTasks.Pneumonia, 0.55),
        new(DemoTasks.PleuralEffusion, DemoTasks.LungOpacity, 0.5),
        new(DemoTasks.EctopicBeats, DemoTasks.EcgAbnormal, 0.65),
    ];

    /// <summary>The tie of two tasks.</summary>
    public static DemoTie Of(string zeroShot, string trained) => All.Single(tie => tie.ZeroShot == zeroShot && tie.Trained == trained);

    /// <summary>
    /// Which samples have the finding: as chance drew it, but for the fewest changes by which a share of them has it and the trained label tells
    /// it apart as far as the tie says. Chance alone would miss that by 0.04 on as few samples as a demonstration tests with.
    /// </summary>
    /// <param name="tie">The tie.</param>
    /// <param name="share">Share of all samples that have the finding.</param>
    /// <param name="samples">For each whether chance drew the finding, its label of the trained task, and one that the finding has nothing to do with.</param>
    /// <param name="chance">Draws who is changed.</param>
    public static bool[] Hold(DemoTie tie, double share, IReadOnlyList<(bool Drawn, bool Trained, bool Other)> samples, SeededGenerator chance)
    {
        bool[] has = new bool[samples.Count];
        // AUROC of one yes or no on another is ½ + ½ · (share of yes among who has the finding − the same among who has not).
        double lift = ((2 * tie.Auroc) - 1) * share * (1 - share);
        foreach (bool trained in (bool[])[true, false])
        {
            int all = samples.Count(s => s.Trained == trained), chosen = 0;
            if (all == 0)
                continue;
            double rate = Math.Clamp(share + ((trained ? lift : -lift) * samples.Count / all), 0, 1), wanted = 0;
            foreach (bool other in (bool[])[true, false])
            {
                int[] group = [.. Enumerable.Range(0, samples.Count).Where(i => samples[i].Trained == trained && samples[i].Other == other)];
                chance.Shuffle<int>(group);
                // What rounding takes from one half the other gets.
                wanted += rate * group.Length;
                int here = (int)Math.Round(wanted) - chosen;
                foreach (int i in group.OrderByDescending(i => samples[i].Drawn).Take(here))
                    has[i] = true;
                chosen += here;
            }
        }
        return has;
    }
}
