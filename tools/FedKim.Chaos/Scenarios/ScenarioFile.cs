using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using FedKim.Attackers;
using FedKim.Chaos.Faults;
using FedKim.Rounds;

namespace FedKim.Chaos.Scenarios;

/// <summary>Reads scenario files: statements, one a line or several with commas between them; <c>#</c> begins a comment.</summary>
internal static partial class ScenarioFile
{
    /// <summary>Each statement: its shape, an example, and what it says. In the shapes, N is a node, T a time, # a number.</summary>
    private static readonly (Regex Shape, string Example, Func<Match, Setting, Setting>? Given, Func<Match, IStep>? Step)[] Statements =
    [
        Given("given federation (?<federation>\\w+)", "given federation demo", (m, s) => s with { Federation = OneOf(m, "federation", Setting.Federations) }),
        Given("given nodes (?<place>.+)", "given nodes behind proxies", (m, s) => s with { Place = OneOf(m, "place", Setting.Places) }),
        Given("given a journal in (?<journal>\\w+)", "given a journal in postgres", (m, s) => s with { Journal = OneOf(m, "journal", Setting.Journals) }),
        Given("given # servers", "given 3 servers", (m, s) => s with { Servers = ServersOf(m) }),
        Given("given # hospitals?", "given 3 hospitals", (m, s) => s with { Hospitals = Within(m, 1, 64, "hospitals") }),
        Given("given # rounds?", "given 20 rounds", (m, s) => s with { Rounds = Within(m, 1, 10_000, "rounds") }),
        Given("given models of # MiB", "given models of 689 MiB", (m, s) => s with { Mebibytes = Within(m, 1, 4_096, "MiB") }),
        Given("given work of T", "given work of 20 ms", (m, s) => s with { Work = Time(m) }),
        Given("given strategy (?<strategy>\\w+)", "given strategy fedadam", (m, s) => s with { Strategy = m.Groups["strategy"].Value }),
        Given("given patience for T", "given patience for 2 h", (m, s) => s with { Patience = Time(m) }),
        Given("given a deadline of T", "given a deadline of 6 s", (m, s) => s with { Deadline = Time(m) }),
        Given("given N absent in round #", "given hospital-e absent in round 1", (m, s) => s with { Absent = s.Absent.Add(new Absence(Node(m), Number(m))) }),
        Says("when round # has (?<events>\\d+) events?", "when round 1 has 3 events", m => new Steps.When(new Moments.RoundHas(Number(m), Number(m, "events")))),
        Says("when round # is (?<phase>\\w+)( with (?<accepted>\\d+)( of (?<of>\\d+))? accepted)?", "when round 1 is Training with 2 of 5 accepted",
            m => new Steps.When(new Moments.RoundIs(Number(m), PhaseOf(m), Number(m, "accepted"), Number(m, "of")))),
        Says("when N is (?<activity>[a-z]+)", "when injector is injecting", m => new Steps.When(new Moments.SiteIs(Node(m), m.Groups["activity"].Value))),
        Says("wait T", "wait 10 s", m => new Steps.Wait(Time(m))),
        Says("kill N", "kill coordinator", m => new Steps.Kill(Node(m))),
        Says("cut the power of N", "cut the power of everything", m => new Steps.CutPower(Node(m))),
        Says("terminate N", "terminate injector", m => new Steps.Terminate(Node(m))),
        Says("freeze N for T", "freeze hospital-b for 10 s", m => new Steps.Freeze(Node(m), Time(m))),
        Says("start (?<nodes>[a-z0-9-]+( then [a-z0-9-]+)*)", "start server then hospitals then injector", m => new Steps.Start([.. m.Groups["nodes"].Value.Split(" then ")])),
        Says($"damage the (?<file>{string.Join('|', FileDamage.Files)}) of N", "damage the outbox of hospital-b", m => new Steps.Damage(m.Groups["file"].Value, Node(m))),
        Says($"remove the (?<folder>{string.Join('|', FileDamage.Folders)}) of N", "remove the spool of server", m => new Steps.Remove(m.Groups["folder"].Value, Node(m))),
        Says("attack by (?<who>\\w+)", "attack by strangers", m => new Steps.Attack(OneOf(m, "who", [.. Campaign.Groups.Keys]))),
        Says("let N lie", "let hospital-e lie", m => new Steps.Lie(Node(m))),
        Says("copy the journal", "copy the journal", _ => new Steps.CopyJournal()),
        Says("put the journal back", "put the journal back", _ => new Steps.PutBackJournal()),
        Says("expect a second writer to end with #", "expect a second writer to end with 3", m => new Steps.ExpectRefusedWriter(Number(m))),
        Says("note the memory of N", "note the memory of server", m => new Steps.NoteMemory(Node(m))),
        Says("expect the memory of N within # %", "expect the memory of server within 120 %", m => new Steps.ExpectMemory(Node(m), Number(m))),
        Says("expect the federation failed with \"(?<cause>[^\"]+)\"", "expect the federation failed with \"quorum\"", m => new Steps.ExpectFailed(m.Groups["cause"].Value)),
        Says("lock the journal for T", "lock the journal for 5 s", m => new Steps.LockJournal(Time(m))),
        Says("stop the database for T", "stop the database for 5 s", m => new Steps.StopDatabase(Time(m), Crash: false)),
        Says("crash the database for T", "crash the database for 5 s", m => new Steps.StopDatabase(Time(m), Crash: true)),
        Says("delay N by (?<by>[\\d.]+) (?<byUnit>ms|s) for T", "delay server by 200 ms for 5 s", m => new Steps.Delay(Node(m), Time(m, "by", "byUnit"), Time(m))),
        Says("slow N to (?<rate>\\d+) KiB/s for T", "slow server to 256 KiB/s for 5 s", m => new Steps.Slow(Node(m), Number(m, "rate"), Time(m))),
        Says("reset N every (?<size>\\d+) KiB for T", "reset server every 100 KiB for 5 s", m => new Steps.Reset(Node(m), Number(m, "size"), Time(m))),
        Says("lose the answers of N for T", "lose the answers of server for 5 s", m => new Steps.LoseAnswers(Node(m), Time(m))),
        Says("cut N( (?<way>inbound|outbound))? for T", "cut hospital-e outbound for 8 s", m => new Steps.Cut(Node(m), WayOf(m), Time(m))),
        Says("fill the disk of N for T", "fill the disk of server for 5 s", m => new Steps.FillDisk(Node(m), Time(m))),
        Says("set the clock of N (?<direction>ahead|back) by T", "set the clock of server ahead by 2 h",
            m => new Steps.MoveClock(Node(m), m.Groups["direction"].Value == "back" ? -Time(m) : Time(m))),
        Says("meanwhile (?<step>.+)", "meanwhile lock the journal for 5 s", m => new Steps.Meanwhile(LastingStep(m.Groups["step"].Value))),
        Says("expect round # (?<phase>\\w+)", "expect round 1 Committed", m => new Steps.ExpectRound(Number(m), PhaseOf(m))),
        Says("expect N dropped in round #", "expect hospital-e dropped in round 1", m => new Steps.ExpectDropped(Node(m), Number(m))),
        Says("validate hashes", "validate hashes", _ => new Steps.ValidateHashes()),
    ];

    /// <summary>An example of every statement.</summary>
    public static IEnumerable<string> Examples => Statements.Select(s => s.Example);

    /// <summary>Reads a file of scenarios.</summary>
    /// <exception cref="ScenarioException">It cannot be read, or something in it is no statement.</exception>
    public static ImmutableArray<Scenario> Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{path}: {e.Message}");
        }
    }

    /// <summary>The scenarios of a text.</summary>
    /// <param name="file">Its name, for errors and for a scenario that has none.</param>
    /// <exception cref="ScenarioException">Something in it is no statement.</exception>
    public static ImmutableArray<Scenario> Parse(string file, string text)
    {
        var scenarios = ImmutableArray.CreateBuilder<Scenario>();
        Scenario? open = null;
        int opened = 0, number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string said = (line.IndexOf('#', StringComparison.Ordinal) is >= 0 and var comment ? line[..comment] : line).Trim();
            if (said.StartsWith("scenario ", StringComparison.Ordinal))
            {
                Close();
                (open, opened) = (new Scenario(said["scenario ".Length..].Trim(), new Setting(), []), number);
                continue;
            }

            foreach (string statement in said.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                open ??= new Scenario(Path.GetFileNameWithoutExtension(file).Replace('-', ' '), new Setting(), []);
                open = Add(open, Spaces().Replace(statement, " "), $"{file}:{number}");
            }
        }

        Close();
        if (scenarios.Count == 0)
            throw new ScenarioException($"{file}:{number}: there is no scenario. Begin one with: scenario NAME");
        if (scenarios.GroupBy(s => s.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ScenarioException($"{file}: {twice.Count()} scenarios are called \"{twice.Key}\". Give each its own name.");
        return scenarios.ToImmutable();

        void Close()
        {
            if (open is null)
                return;
            if (open.Steps.IsEmpty)
                throw new ScenarioException($"{file}:{Math.Max(opened, 1)}: scenario \"{open.Name}\" does nothing. Write what happens below it, for example: {Statements.First(s => s.Step is not null).Example}");
            scenarios.Add(open);
        }
    }

    private static Scenario Add(Scenario scenario, string statement, string place)
    {
        foreach (var (shape, example, given, step) in Statements)
        {
            if (shape.Match(statement) is not { Success: true } match)
                continue;
            try
            {
                if (given is not null && !scenario.Steps.IsEmpty)
                    throw new FormatException("what is given stands before everything that happens");
                return given is not null
                    ? scenario with { Setting = given(match, scenario.Setting) }
                    : scenario with { Steps = scenario.Steps.Add(step!(match)) };
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                throw new ScenarioException($"{place}: \"{statement}\": {e.Message}. For example: {example}");
            }
        }

        string first = statement.Split(' ')[0];
        string[] near = [.. Examples.Where(e => e.StartsWith(first + " ", StringComparison.Ordinal))];
        throw new ScenarioException(near.Length == 0
            ? $"{place}: \"{first}\" begins no statement. Known are: scenario, {string.Join(", ", Examples.Select(e => e.Split(' ')[0]).Distinct())}."
            : $"{place}: \"{statement}\" is not understood. Write it as in: {string.Join("; ", near)}");
    }

    private static (Regex, string, Func<Match, Setting, Setting>?, Func<Match, IStep>?) Given(string shape, string example, Func<Match, Setting, Setting> given) =>
        (Shape(shape), example, given, null);

    private static (Regex, string, Func<Match, Setting, Setting>?, Func<Match, IStep>?) Says(string shape, string example, Func<Match, IStep> step) =>
        (Shape(shape), example, null, step);

    private static ILastingStep LastingStep(string statement) =>
        Statements.Where(s => s.Step is not null).Select(s => (Match: s.Shape.Match(statement), s.Step))
            .FirstOrDefault(s => s.Match.Success) is { Step: { } step, Match: var match }
            ? step(match) as ILastingStep ?? throw new FormatException($"\"{statement}\" does not last")
            : throw new FormatException($"\"{statement}\" is no statement");

    private static Regex Shape(string shape)
    {
        string pattern = NodeMark().Replace(shape, "(?<node>[a-z][a-z0-9-]*( and [a-z][a-z0-9-]*)*)");
        pattern = TimeMark().Replace(pattern, "(?<time>[\\d.]+) (?<unit>[a-z]+)").Replace("#", "(?<number>\\d+)", StringComparison.Ordinal);
        return new Regex($"^{pattern}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant);
    }

    private static string Node(Match match) => match.Groups["node"].Value;

    private static int Number(Match match, string group = "number") =>
        match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;

    private static TimeSpan Time(Match match, string number = "time", string unit = "unit") =>
        Words.Time(match.Groups[number].Value, match.Groups[unit].Value)
        ?? throw new FormatException($"\"{match.Groups[number].Value} {match.Groups[unit].Value}\" is no time; write ms, s, min or h");

    private static Phase PhaseOf(Match match) => Enum.TryParse<Phase>(match.Groups["phase"].Value, out var phase) && Enum.IsDefined(phase)
        ? phase
        : throw new FormatException($"a round is never {match.Groups["phase"].Value}; its phases are {string.Join(", ", Enum.GetNames<Phase>())}");

    private static int ServersOf(Match match) => Number(match) is >= 1 and <= 3 and var count
        ? count
        : throw new FormatException("a federation has 1, 2 or 3 servers");

    private static int Within(Match match, int least, int most, string what) => Number(match) is var count && count >= least && count <= most
        ? count
        : throw new FormatException($"there are {least} to {most} {what}");

    private static Way WayOf(Match match) => match.Groups["way"].Value switch
    {
        "inbound" => Way.Inbound,
        "outbound" => Way.Outbound,
        _ => Way.Both,
    };

    private static string OneOf(Match match, string group, ImmutableArray<string> known) => known.Contains(match.Groups[group].Value)
        ? match.Groups[group].Value
        : throw new FormatException($"\"{match.Groups[group].Value}\" is none of {string.Join(", ", known)}");

    [GeneratedRegex(@"\bN\b")]
    private static partial Regex NodeMark();

    [GeneratedRegex(@"\bT\b")]
    private static partial Regex TimeMark();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
