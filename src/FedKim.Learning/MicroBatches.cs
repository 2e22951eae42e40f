using System.Runtime.InteropServices;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// How many samples of a step are computed at once. What does not fit the memory is computed again in halves; from then on that size
/// stays, so that no later step runs into the same wall.
/// </summary>
/// <param name="size">Samples at once, above 0.</param>
/// <param name="warn">Told when the size is halved.</param>
internal sealed class MicroBatches(int size, Action<string> warn)
{
    /// <summary>Samples at once.</summary>
    internal int Size { get; private set; } = size;

    /// <summary>The size that the plan asked for.</summary>
    internal int Planned { get; } = size;

    /// <summary>Goes on with a size that an earlier process came to.</summary>
    internal void Resume(int size) => Size = Math.Min(Size, size);

    /// <summary>Computes a step part by part, in halved parts after each want of memory.</summary>
    /// <param name="samples">The step's samples.</param>
    /// <param name="step">Computes the step from its parts; called again from the start with smaller parts.</param>
    /// <param name="undo">Forgets what a step that broke has left behind.</param>
    /// <param name="what">The step, for messages.</param>
    /// <exception cref="LearningException">Not even one sample at a time fits.</exception>
    internal T Compute<T>(int[] samples, Func<IEnumerable<int[]>, T> step, Action undo, string what)
    {
        while (true)
        {
            try
            {
                return step(samples.Chunk(Size));
            }
            catch (Exception e) when (IsWantOfMemory(e))
            {
                undo();
                // A step of fewer samples than that was a single part.
                int largest = Math.Min(Size, samples.Length);
                if (largest == 1)
                {
                    throw new LearningException(
                        $"{what} does not fit the memory, not even one sample at a time: {FirstLine(e)}. Set injection.activation-checkpointing = on in the federation file, lower injection.experts or rank, or give the injector more memory.", e, SiteSentences.NoMemoryForOne.Say());
                }

                Size = (largest + 1) / 2;
                warn($"{what} does not fit the memory ({FirstLine(e)}). It is computed again, and steps from now on are, in parts of {Size} instead of {Planned} samples: the same up to rounding, but not to the last bit. Set injection.micro-batch = {Size} in the federation file for the same bits again.");
            }
        }
    }

    /// <summary>Whether memory ran out, on the processor, on an accelerator, or against the node's own limit.</summary>
    internal static bool IsWantOfMemory(Exception e) => e is OutOfMemoryException
        || (e is ExternalException && Signs.Any(s => e.Message.Contains(s, StringComparison.OrdinalIgnoreCase)));

    // What the allocators of libtorch say.
    private static readonly string[] Signs = ["out of memory", "can't allocate memory", "not enough memory", "CUBLAS_STATUS_ALLOC_FAILED"];

    private static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].Trim().TrimEnd('.');
}
