using System.Collections.Immutable;
using System.Text;
using FedKim.Learning.Rehearsal;
using FedKim.Rounds;

namespace FedKim.Simulation.Tests;

/// <summary>How one simulated federation went.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Schedule">What was to go wrong.</param>
/// <param name="Struck">What did.</param>
/// <param name="Journal">What was stored.</param>
/// <param name="Ended">Whether the federation ended in time.</param>
/// <param name="TrainedAgain">Contributions that were trained after they had been accepted.</param>
/// <param name="Problem">What the simulation stumbled over; empty if over nothing.</param>
/// <param name="Length">How long it took by the cluster's own clock.</param>
/// <param name="Log">What the actors warned of.</param>
internal sealed record Run(
    long Seed, ImmutableArray<Fault> Schedule, IReadOnlyList<Strike> Struck, IReadOnlyList<Database.Row> Journal, bool Ended,
    IReadOnlyCollection<(string Round, string Client)> TrainedAgain, string Problem, TimeSpan Length, IReadOnlyList<string> Log)
{
    // A federation that has not ended by then waits for something that does not come.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    // Whatever is late, or was frozen, has spoken by then.
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(20);

    private const int LogLines = 100;

    public static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c", "hospital-d", "hospital-e"];

    /// <summary>Two rounds of five sites.</summary>
    public static FederationPlan Plan(int quorum, TimeSpan deadline) => new()
    {
        Id = new FederationId("simulation"),
        Seed = 7,
        Rounds = 2,
        Clients = [.. Sites.Select(s => new ClientId(s))],
        Quorum = quorum,
        Deadline = deadline,
        Strategy = "fedavg",
        Weighting = "samples",
        Method = "rehearsal",
        Parts = RehearsalPlan.Parts,
        Learning = new RehearsalPlan(0).ToJson(),
    };

    /// <summary>Runs a federation on this thread.</summary>
    public static Run Of(FederationPlan plan, long seed, ImmutableArray<Fault> schedule, params IReadOnlyCollection<string> absent)
    {
        using var cluster = new Cluster(plan, seed, schedule, absent);
        bool ended = false;
        string problem = "";
        try
        {
            ended = cluster.Loop.Run(() => cluster.Database.Federation.Any(e => e is FederationEvents.Evaluated or FederationEvents.FederationFailed), Limit);
            cluster.Loop.Run(() => false, Afterwards);
        }
        catch (Exception e)
        {
            problem = e.ToString();
        }

        return new Run(seed, schedule, cluster.Faults.Struck, cluster.Database.Rows, ended, cluster.TrainedAgain, problem, cluster.Loop.Now, cluster.Log);
    }

    /// <summary>The digests of the last committed model and its adapters.</summary>
    public string Result => Journal.Select(r => r.Event).OfType<FederationEvents.RoundCommitted>().LastOrDefault() is { } last
        ? $"{last.GlobalModel} {last.Adapter}"
        : "none";

    /// <summary>What is wrong with the run, whose result should have been the one given; empty if nothing is.</summary>
    public string Faulty(string result)
    {
        string[] wrong =
        [
            Problem,
            Ended ? "" : "The federation did not end.",
            Journal.Select(r => r.Event).OfType<FederationEvents.FederationFailed>().FirstOrDefault() is { } failed ? $"The federation failed: {failed.Cause}" : "",
            Result == result ? "" : $"The result is {Result}, not {result}.",
            .. TrainedAgain.Select(t => $"{t.Client} trained for {t.Round} after its contribution was accepted."),
            .. Twice<RoundEvents.ContributionAccepted>(a => a.Client.Value),
            .. Twice<RoundEvents.ClientDropped>(d => d.Client.Value),
            .. Twice<RoundEvents.Opened>(_ => ""),
            .. Twice<RoundEvents.Committed>(_ => ""),
            .. Twice<FederationEvents.RoundCommitted>(c => $"{c.Number}"),
            .. Twice<FederationEvents.TakenOver>(t => $"{t.Epoch}"),
        ];
        return string.Join(Environment.NewLine, wrong.Where(w => w.Length > 0));
    }

    /// <inheritdoc/>
    public override string ToString() => new StringBuilder()
        .AppendLine($"Seed {Seed}, {Length.TotalSeconds:0.0} s by the cluster's clock.")
        .AppendLine("Scheduled:").AppendJoin(Environment.NewLine, Schedule).AppendLine()
        .AppendLine("Struck:").AppendJoin(Environment.NewLine, Struck).AppendLine()
        .AppendLine("Journal:").AppendJoin(Environment.NewLine, Journal).AppendLine()
        .AppendLine("Log:").AppendJoin(Environment.NewLine, Log.Take(LogLines)).ToString();

    private IEnumerable<string> Twice<T>(Func<T, string> key) =>
        from row in Journal
        where row.Event is T
        group row by (row.Id, Key: key((T)row.Event)) into same
        where same.Count() > 1
        select $"{typeof(T).Name} {same.Key.Key} stands {same.Count()} times in the journal of {same.Key.Id}.";
}
