using System.Diagnostics;

namespace FedKim.Testing;

/// <summary>How work grows with what there is much of, told within one run: neither the machine nor what else it does is in it.</summary>
public static class Growth
{
    /// <summary>
    /// What four times as many may take, in times of so many: work that grows with them takes four to five times, work that grows with their square sixteen.
    /// </summary>
    public const double MostForFourTimes = 9;

    private const int Turns = 5;

    /// <summary>How many times as long four times as many take, each by its fastest of a few turns.</summary>
    /// <param name="many">How many.</param>
    /// <param name="work">The work on so many as it is told.</param>
    public static double OfFourTimes(int many, Action<int> work)
    {
        work(many);
        var (least, least4) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (int i = 0; i < Turns; i++)
            (least, least4) = (Shorter(least, many), Shorter(least4, 4 * many));
        return least4 / least;

        TimeSpan Shorter(TimeSpan before, int count)
        {
            GC.Collect();
            long start = Stopwatch.GetTimestamp();
            work(count);
            return Stopwatch.GetElapsedTime(start) is var now && now < before ? now : before;
        }
    }
}
