using System.Collections.Immutable;

namespace FedKim.Chaos.Scenarios;

/// <summary>What a scenario is tried on. Scenarios of the same surroundings share a running cluster.</summary>
internal sealed record Setting
{
    /// <summary>The federation: one of <see cref="Federations"/>.</summary>
    public string Federation { get; init; } = Rehearsal;

    /// <summary>Where the nodes run: one of <see cref="Places"/>.</summary>
    public string Place { get; init; } = Plain;

    /// <summary>What keeps the servers' journal: one of <see cref="Journals"/>.</summary>
    public string Journal { get; init; } = Sqlite;

    /// <summary>How many servers there are; one coordinates, the others take over.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>How many hospitals there are.</summary>
    public int Hospitals { get; init; } = 5;

    /// <summary>How many rounds the federation has.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>Size of a rehearsal's model.</summary>
    public int Mebibytes { get; init; } = 1;

    /// <summary>How long every site pretends to train in a rehearsal, and the injector to inject; null for long enough to be struck meanwhile.</summary>
    public TimeSpan? Work { get; init; }

    /// <summary>How a rehearsal's updates are summed.</summary>
    public string Strategy { get; init; } = FedAvg;

    /// <summary>How long the federation may take with all that is done to it; null for as long as it may need usually.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>How long a phase may last; null for longer than any fault of the scenario.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Who is left out of which round; the undisturbed run it is compared with leaves them out too.</summary>
    public ImmutableArray<Absence> Absent { get; init; } = [];

    /// <summary>Whether it is tried on a rehearsal of one server on loopback with a journal in a file, as most is.</summary>
    public bool IsPlain => (Federation, Place, Journal, Servers) == (Rehearsal, Plain, Sqlite, 1);

    /// <summary>What computes the same on every cluster.</summary>
    public string Computed => $"{Federation} {Hospitals} {Rounds} {Mebibytes} {Strategy}";

    public const string FedAvg = "fedavg";
    public const string Rehearsal = "rehearsal";
    public const string Demo = "demo";
    public const string Plain = "plain";
    public const string Proxies = "behind proxies";
    public const string Network = "in a network";
    public const string SmallDisks = "on small disks";
    public const string Clocks = "with movable clocks";
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    /// <summary>Two rounds in which models travel and nothing is learned, or a round of the demonstration.</summary>
    public static ImmutableArray<string> Federations { get; } = [Rehearsal, Demo];

    /// <summary>
    /// On loopback; with a TCP proxy before every port; the hospitals each in a network namespace; each node's folder on a disk
    /// with little room; with wall clocks that can be moved.
    /// </summary>
    public static ImmutableArray<string> Places { get; } = [Plain, Proxies, Network, SmallDisks, Clocks];

    /// <summary>A file that the servers share, or a database server that the tool starts.</summary>
    public static ImmutableArray<string> Journals { get; } = [Sqlite, Postgres];

    /// <summary>The lines of a scenario file that say this.</summary>
    public IEnumerable<string> Lines()
    {
        if (Federation != Rehearsal)
            yield return $"  given federation {Federation}";
        if (Place != Plain)
            yield return $"  given nodes {Place}";
        if (Journal != Sqlite)
            yield return $"  given a journal in {Journal}";
        if (Servers != 1)
            yield return $"  given {Servers} servers";
        if (Hospitals != 5)
            yield return $"  given {Hospitals} {(Hospitals == 1 ? "hospital" : "hospitals")}";
        if (Rounds != 2)
            yield return $"  given {Rounds} {(Rounds == 1 ? "round" : "rounds")}";
        if (Mebibytes != 1)
            yield return $"  given models of {Mebibytes} MiB";
        if (Work is { } work)
            yield return $"  given work of {Words.Of(work)}";
        if (Strategy != FedAvg)
            yield return $"  given strategy {Strategy}";
        if (Patience is { } patience)
            yield return $"  given patience for {Words.Of(patience)}";
        if (Deadline is { } deadline)
            yield return $"  given a deadline of {Words.Of(deadline)}";
        foreach (var absence in Absent)
            yield return $"  given {absence.Site} absent in round {absence.Round}";
    }
}

/// <summary>A site that does not take part in a round.</summary>
internal sealed record Absence(string Site, int Round);
