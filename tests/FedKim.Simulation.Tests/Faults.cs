using FedKim.Rounds;

namespace FedKim.Simulation.Tests;

/// <summary>Counts what happens in a cluster and lets the scheduled faults strike when their cue comes.</summary>
internal sealed class Faults(Cluster cluster, IEnumerable<Fault> schedule, SeededGenerator random)
{
    private readonly List<Fault> _waiting = [.. schedule];
    private readonly Dictionary<Cue, int> _counts = [];
    private readonly List<Strike> _struck = [];
    private TimeSpan _refusingUntil;
    private bool _injectionBreaks;

    /// <summary>What has happened.</summary>
    public IReadOnlyList<Strike> Struck => _struck;

    /// <summary>Sets the clock for those that wait for a second.</summary>
    public void Start()
    {
        foreach (var fault in _waiting.Where(f => f.Cue is Cue.Second))
            cluster.Loop.After(TimeSpan.FromSeconds(fault.Number), () => Befall(fault));
    }

    /// <summary>Another write to the journal: what becomes of it.</summary>
    public (TimeSpan Delay, bool Refused, bool Unanswered) OfWrite()
    {
        var mine = Count(Cue.Write);
        var delay = mine.Where(f => f.What is Trouble.DelayWrite).Select(f => f.For).FirstOrDefault(TimeSpan.FromMilliseconds(random.Uniform(1, 10)));
        return (delay, cluster.Loop.Now < _refusingUntil, mine.Any(f => f.What is Trouble.LoseAnswer));
    }

    /// <summary>Another request to a weight plane: the share of its bytes that arrives.</summary>
    public double OfTransfer() => Count(Cue.Transfer).Where(f => f.What is Trouble.CutTransfer).Select(f => f.Degree).FirstOrDefault(1);

    /// <summary>A site is about to train, or has.</summary>
    public void OfTraining(Cue cue) => Count(cue);

    /// <summary>Whether the injection about to begin breaks.</summary>
    public bool OfInjection()
    {
        bool breaks = _injectionBreaks;
        _injectionBreaks = false;
        return breaks;
    }

    private List<Fault> Count(Cue cue)
    {
        int number = _counts[cue] = _counts.GetValueOrDefault(cue) + 1;
        var mine = _waiting.Where(f => f.Cue == cue && f.Number == number).ToList();
        mine.ForEach(Befall);
        return mine;
    }

    private void Befall(Fault fault)
    {
        string node = fault.Node == Fault.Leader ? cluster.LeadingNode : fault.Node;
        _waiting.Remove(fault);
        _struck.Add(new Strike(cluster.Loop.Now, fault, node));
        switch (fault.What)
        {
            case Trouble.Kill:
                cluster.Kill(node, fault.For);
                break;
            case Trouble.LoseDisk:
                cluster.Kill(node, fault.For, losesWeights: true);
                break;
            case Trouble.Rot:
                cluster.Rot(node, fault.Degree);
                break;
            case Trouble.Freeze:
                cluster.Freeze(node, fault.For);
                break;
            case Trouble.TwoCoordinators:
                cluster.DoubleCoordinator(fault.For);
                break;
            case Trouble.PowerLoss:
                cluster.CutPower(fault.For);
                break;
            case Trouble.CutFrom:
                cluster.Cut(node, from: true, to: false, fault.For);
                break;
            case Trouble.CutTo:
                cluster.Cut(node, from: false, to: true, fault.For);
                break;
            case Trouble.CutOff:
                cluster.Cut(node, from: true, to: true, fault.For);
                break;
            case Trouble.Storm:
                cluster.Storm(fault.Degree, fault.For);
                break;
            case Trouble.BreakInjection:
                _injectionBreaks = true;
                break;
            case Trouble.RefuseWrites:
                _refusingUntil = cluster.Loop.Now + fault.For;
                break;
        }
    }
}
