using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Simulation.Tests;

/// <summary>Draws what goes wrong in a run: a function of the seed alone, each fault at a moment where it may hurt.</summary>
internal static class FaultSchedule
{
    private static readonly Trouble[] Kinds =
    [
        Trouble.Kill, Trouble.Kill, Trouble.Kill, Trouble.LoseDisk, Trouble.Freeze, Trouble.Freeze, Trouble.TwoCoordinators, Trouble.TwoCoordinators,
        Trouble.PowerLoss, Trouble.CutFrom, Trouble.CutTo, Trouble.CutOff, Trouble.Storm, Trouble.CutTransfer, Trouble.CutTransfer,
        Trouble.BreakInjection, Trouble.RefuseWrites, Trouble.LoseAnswer, Trouble.LoseAnswer, Trouble.DelayWrite,
    ];

    /// <summary>The faults of the run with this seed, among these nodes that are no servers.</summary>
    public static ImmutableArray<Fault> Draw(long seed, IReadOnlyList<string> others)
    {
        var random = SeededGenerator.Derive(seed, "faults");
        var faults = ImmutableArray.CreateBuilder<Fault>();
        for (int left = 2 + random.NextInt(6); left > 0; left--)
            faults.Add(Draw(random, others));
        // More than one would end a round, whose rules allow two broken injections, or take the last copy of some weights.
        foreach (var once in new Trouble[][] { [Trouble.BreakInjection], [Trouble.LoseDisk, Trouble.PowerLoss] })
        {
            while (faults.Count(f => once.Contains(f.What)) > 1)
                faults.Remove(faults.Last(f => once.Contains(f.What)));
        }

        return faults.DrainToImmutable();
    }

    /// <summary>The faults of the run with this seed, and one node's disk that changes a byte of every file; so none that takes the other copies.</summary>
    public static ImmutableArray<Fault> DrawWithRot(long seed, IReadOnlyList<string> others)
    {
        var rot = Draw(SeededGenerator.Derive(seed, "rot"), others, Trouble.Rot);
        // A site whose outbox is damaged trains again where the server lost the update too.
        return rot.Node.StartsWith("hospital", StringComparison.Ordinal)
            ? [rot]
            : Draw(seed, others).RemoveAll(f => f.What is Trouble.LoseDisk or Trouble.PowerLoss).Add(rot);
    }

    private static Fault Draw(SeededGenerator random, IReadOnlyList<string> others, Trouble? wanted = null)
    {
        var what = wanted ?? Kinds[random.NextInt(Kinds.Length)];
        var (cue, number) = what switch
        {
            Trouble.RefuseWrites or Trouble.LoseAnswer or Trouble.DelayWrite => (Cue.Write, 1 + random.NextInt(30)),
            Trouble.CutTransfer => (Cue.Transfer, 1 + random.NextInt(60)),
            _ => random.NextInt(5) switch
            {
                0 => (Cue.Write, 1 + random.NextInt(30)),
                1 => (Cue.Transfer, 1 + random.NextInt(60)),
                2 => (Cue.Training, 1 + random.NextInt(12)),
                3 => (Cue.Trained, 1 + random.NextInt(12)),
                _ => (Cue.Second, random.Uniform(0, 6)),
            },
        };
        string node = what is Trouble.LoseDisk || random.Chance(0.5) ? Fault.Leader : others[random.NextInt(others.Count)];
        return new Fault(cue, number, what, node, TimeSpan.FromSeconds(random.Uniform(0.1, random.Chance(0.3) ? 12 : 4)), random.NextDouble());
    }
}
