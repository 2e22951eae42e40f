using System.Runtime.InteropServices;

namespace FedKim.Testing;

/// <summary>How work grows with what there is much of, told within one run: neither the machine nor what else it does is in it.</summary>
public static partial class Growth
{
    /// <summary>
    /// What four times as many may take, in times of so many: work that grows with them takes four to five times, work that grows with their square sixteen.
    /// </summary>
    public const double MostForFourTimes = 9;

    private const int Turns = 5, MostTurns = 40;

    // CLOCK_THREAD_CPUTIME_ID of Linux.
    private const int ThreadTime = 3;

    /// <summary>
    /// How many times the processor's time four times as many take, each by the least of a few turns; of more where that seems too much, as it may when
    /// others disturb: more turns only come nearer to what it takes undisturbed.
    /// </summary>
    /// <param name="many">How many.</param>
    /// <param name="work">The work on so many as it is told.</param>
    public static double OfFourTimes(int many, Action<int> work)
    {
        work(many);
        var (least, least4) = (double.MaxValue, double.MaxValue);
        for (int i = 0; i < Turns || (i < MostTurns && least4 > MostForFourTimes * least); i++)
            (least, least4) = (Less(least, many), Less(least4, 4 * many));
        return least4 / least;

        double Less(double before, int count)
        {
            GC.Collect();
            double start = Nanoseconds();
            work(count);
            return Math.Min(before, Nanoseconds() - start);
        }
    }

    // Of this thread; what others take of the machine meanwhile is not in it.
    private static double Nanoseconds()
    {
        if (ReadClock(ThreadTime, out var time) != 0)
            throw new InvalidOperationException("The system does not say how long a thread has run.");
        return (time.Seconds * 1e9) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out Time time);

    private readonly record struct Time(long Seconds, long Nanoseconds);
}
