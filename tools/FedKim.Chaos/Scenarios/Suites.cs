using System.Collections.Immutable;
using FedKim.Data.Demo;
using FedKim.Rounds;
using static FedKim.Chaos.Scenarios.Moments;

namespace FedKim.Chaos.Scenarios;

/// <summary>The suites: families of scenarios that strike at every event or phase, and those that are written in files.</summary>
internal static class Suites
{
    public const string Quick = "quick";
    public const string Full = "full";
    public const string Incidents = "incidents";

    /// <summary>Who has no business in a federation, or wants more than his part. Hospitals take part by outbound links.</summary>
    public const string Hostile = "hostile";

    /// <summary>Not a list of scenarios: federations are struck at random for as long as is wanted.</summary>
    public const string Random = "random";

    private const int Hospitals = 5;

    /// <summary>Opened, training begun, a contribution each, closed, summed, injected, committed.</summary>
    private const int EventsOfRound = Hospitals + 6;

    private static readonly Phase[] Phases = [Phase.Opened, Phase.Training, Phase.Aggregating, Phase.Injecting, Phase.Publishing, Phase.Committed];

    /// <summary>The scenarios of a suite.</summary>
    /// <param name="suite">One of the names above.</param>
    /// <param name="seed">Decides the random moments.</param>
    public static ImmutableArray<Scenario> Of(string suite, long seed)
    {
        if (suite is Incidents or Hostile)
            return Written(suite);
        var written = Written("");
        return suite == Quick
            ? [.. CoordinatorAtEvents(3, 5, 9), .. AtPhases("injector", Phase.Injecting), .. AtPhases("hospital-b", Phase.Training, Phase.Injecting),
               .. written.Where(s => QuickOnes.Contains(s.Name))]
            :
            [
                .. CoordinatorAtEvents([.. Enumerable.Range(1, EventsOfRound)]),
                .. AtPhases("injector", Phases),
                .. Enumerable.Range(0, Hospitals).SelectMany(i => AtPhases(DemoSites.Name(i), Phases)),
                .. Terminated(),
                .. AtRandom(seed, count: 6),
                .. written,
            ];
    }

    private static readonly string[] QuickOnes =
    [
        "coordinator asked to end in training", "power fails in training, all start in order", "a hospital is frozen for a short while", "the journal is locked in training",
        "an accepted update is damaged while the server is down", "a finished update is damaged while its hospital is down",
        "the coordinator is frozen beyond the deadline", "the injector is frozen beyond the deadline",
        "the server's spool is removed while updates come in", "the server's weights are removed while it is down",
        "server and injector are asked to end and start after five seconds", "three servers: the first seed stays dead after a power failure",
        "a second server over the same journal is refused", "a journal of the same round is put back",
        "three servers: the coordinator is lost in training", "two servers with a lease: the coordinator is lost while the injection runs",
    ];

    /// <summary>The scenarios of the files beside the program.</summary>
    /// <exception cref="ScenarioException">A file cannot be read.</exception>
    private static ImmutableArray<Scenario> Written(string folder) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "scenarios", folder), "*.scenario").Order(StringComparer.Ordinal).SelectMany(file => ScenarioFile.Read(file)),
    ];

    private static IEnumerable<Scenario> CoordinatorAtEvents(params int[] events) => events.Select(e =>
        Killed($"coordinator killed at event {e} of round 1", new RoundHas(1, e), "coordinator"));

    private static IEnumerable<Scenario> AtPhases(string site, params Phase[] phases) => phases.Select(phase =>
        Killed($"{site} killed when round 1 is {phase}", new RoundIs(1, phase), site));

    private static IEnumerable<Scenario> Terminated() =>
        from site in (string[])["injector", "hospital-c"]
        from phase in (Phase[])[Phase.Training, Phase.Injecting]
        select new Scenario(
            $"{site} asked to end when round 1 is {phase}",
            new Setting(),
            [new Steps.When(new RoundIs(1, phase)), new Steps.Terminate(site), new Steps.Start([site]), new Steps.ValidateHashes()]);

    private static IEnumerable<Scenario> AtRandom(long seed, int count)
    {
        string[] sites = ["coordinator", "injector", .. Enumerable.Range(0, Hospitals).Select(DemoSites.Name)];
        return Enumerable.Range(1, count).Select(i =>
        {
            var random = SeededGenerator.Derive(seed, "chaos", i);
            string site = sites[(int)(random.NextDouble() * sites.Length)];
            var later = TimeSpan.FromMilliseconds(Math.Floor(random.NextDouble() * 3000));
            return new Scenario(
                $"{site} killed {later.TotalMilliseconds} ms after the start, at random ({i})",
                new Setting(),
                [new Steps.When(new RoundHas(1, 1)), new Steps.Wait(later), new Steps.Kill(site), new Steps.Start([site]), new Steps.ValidateHashes()]);
        });
    }

    private static Scenario Killed(string name, IMoment moment, string node) => new(
        name, new Setting(), [new Steps.When(moment), new Steps.Kill(node), new Steps.Start([node]), new Steps.ExpectRound(1, Phase.Committed), new Steps.ValidateHashes()]);
}
