using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using FedKim.Actors;
using FedKim.Chaos.Results;
using FedKim.Chaos.Running;
using FedKim.Chaos.Scenarios;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Configuration;
using FedKim.Launch.Reports;

namespace FedKim.Chaos;

/// <summary>The tool's commands. Exit codes: 0 every promise was kept, 1 one was not, 2 wrong usage, 130 ended by Ctrl-C.</summary>
internal static class CommandLine
{
    private const int Kept = 0;
    private const int Broken = 1;
    private const int Usage = 2;
    private const int Interrupted = 130;

    /// <summary>Federations of the suite random that <c>--list</c> prints; it has no end.</summary>
    private const int RandomListed = 12;

    public static async Task<int> RunAsync(string[] args)
    {
        var suite = new Option<string>("--suite")
        {
            Description = "quick, full, incidents (what happened to real federations, in their sizes), hostile (who has no business there), or random.",
            DefaultValueFactory = _ => Suites.Full,
        };
        suite.AcceptOnlyFromAmong(Suites.Quick, Suites.Full, Suites.Incidents, Suites.Hostile, Suites.Random);
        var minutes = new Option<double>("--minutes") { Description = "How long the suite random strikes.", DefaultValueFactory = _ => 20 };
        var file = new Option<string?>("--scenario") { Description = "A file of scenarios, in place of a suite." };
        var only = new Option<string?>("--only") { Description = "Only scenarios whose names contain this." };
        var seed = new Option<long>("--seed") { Description = "Seed of the federations and of the random moments.", DefaultValueFactory = _ => 1 };
        var timing = new Option<Timing>("--timing")
        {
            Description = "How soon the nodes take silence for loss: quick (two to three seconds) or steady (six to ten, as a federation over any network).",
            DefaultValueFactory = _ => Timing.Quick,
        };
        var link = new Option<SiteLink>("--link") { Description = "How the hospitals take part: member (of the servers' cluster) or outbound (by one connection that each opens)." };
        var list = new Option<bool>("--list") { Description = "Print the scenarios and run none." };
        var json = new Option<string?>("--json") { Description = "File for the results as JSON." };
        var markdown = new Option<string?>("--markdown") { Description = "File for the results as a table." };
        var timeline = new Option<string?>("--timeline") { Description = "File for a drawing of what happened when, as SVG." };
        var keep = new Option<bool>("--keep") { Description = "Keep the nodes' folders of a scenario that went wrong." };
        var root = new RootCommand("Strikes federations of real processes and checks that the result is the undisturbed one, to the bit.")
        {
            suite, minutes, file, only, seed, timing, link, list, keep, json, markdown, timeline, StrikeCommand(),
        };
        root.SetAction(async (parsed, _) =>
        {
            var outputs = new Outputs(parsed.GetValue(json), parsed.GetValue(markdown), parsed.GetValue(timeline));
            if (parsed.GetValue(file) is null && parsed.GetRequiredValue(suite) == Suites.Random)
            {
                return await StrikeAtRandomAsync(
                    parsed.GetValue(seed), parsed.GetValue(minutes), parsed.GetValue(timing), parsed.GetValue(link), parsed.GetValue(keep), parsed.GetValue(list), outputs);
            }

            var scenarios = parsed.GetValue(file) is { } path ? ScenarioFile.Read(path) : Suites.Of(parsed.GetRequiredValue(suite), parsed.GetValue(seed));
            if (parsed.GetValue(only) is { } pattern)
                scenarios = [.. scenarios.Where(s => s.Name.Contains(pattern, StringComparison.OrdinalIgnoreCase))];
            if (scenarios.IsEmpty)
                throw new ScenarioException($"No scenario's name contains \"{parsed.GetValue(only)}\". See --list.");
            if (parsed.GetValue(list))
            {
                Console.WriteLine(string.Join('\n', scenarios.Select(s => s.ToString())));
                return Kept;
            }

            string name = parsed.GetValue(file) is { } given ? Path.GetFileName(given) : parsed.GetRequiredValue(suite);
            // A hospital that is a member is inside the servers' trust.
            var taking = name == Suites.Hostile ? SiteLink.Outbound : parsed.GetValue(link);
            return await RunAsync(name, parsed.GetValue(seed), parsed.GetValue(timing), taking, parsed.GetValue(keep), scenarios, outputs);
        });
        var result = root.Parse(args);
        try
        {
            int code = await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            return result.Errors.Count > 0 ? Usage : code;
        }
        catch (ScenarioException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Usage;
        }
        catch (CommandException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Broken;
        }
    }

    private static Command StrikeCommand()
    {
        var node = new Option<string>("--node") { Description = "Where the node to strike answers commands, as host:port.", Required = true };
        var fault = new Option<string>("--fault") { Description = "kill, term, or stop for a time: stop:10s.", Required = true };
        var when = new Option<string?>("--when") { Description = "The moment, as in a scenario: \"round 1 is Training with 2 of 5 accepted\". At once without it." };
        var command = new Command("strike", "Strikes one node of a federation that runs already.") { node, fault, when };
        command.SetAction(async (parsed, cancel) =>
        {
            string text = parsed.GetRequiredValue(node);
            var address = NodeAddress.TryParse(text)
                ?? throw new ScenarioException($"--node is \"{text}\"; it is written host:port, for example {NodeAddress.Default}.");
            await Strike.RunAsync(address, parsed.GetRequiredValue(fault), parsed.GetValue(when), Console.WriteLine, cancel);
            return Kept;
        });
        return command;
    }

    private static async Task<int> RunAsync(string suite, long seed, Timing timing, SiteLink link, bool keep, ImmutableArray<Scenario> scenarios, Outputs outputs)
    {
        Console.WriteLine($"{scenarios.Length} scenarios, seed {seed}");
        var results = new List<ScenarioResult>();
        bool whole;
        try
        {
            // Most of a scenario's time somebody waits: two clusters fit beside each other, one on plain ground and one in all that takes longer.
            // What happened in real sizes needs the machine for itself.
            bool beside = suite != Suites.Incidents && Environment.ProcessorCount > 1;
            var undisturbed = new ConcurrentDictionary<string, Report>(StringComparer.Ordinal);
            whole = await StoppableAsync(stop => Task.WhenAll(scenarios.GroupBy(s => beside && s.Setting.IsPlain).Select(async some =>
            {
                await using var run = new SuiteRun(undisturbed, seed, timing, link, keep, Ended);
                await run.RunAsync(some, stop);
            })));
        }
        finally
        {
            outputs.Write(suite, seed, results, SuiteJson.Of(suite, seed, results));
        }

        if (!whole)
        {
            Console.WriteLine($"Stopped after {results.Count} of {scenarios.Length} scenarios.");
            return Interrupted;
        }

        var tried = results.Where(r => r.NotRunnable.Length == 0).ToList();
        Console.WriteLine(ProgressLine.Summary(results));
        return tried.Count > 0 && tried.TrueForAll(r => r.IsGood) ? Kept : Broken;

        void Ended(ScenarioResult result)
        {
            lock (results)
            {
                results.Add(result);
                Console.WriteLine(ProgressLine.Of(results.Count, scenarios.Length, result));
            }
        }
    }

    private static async Task<int> StrikeAtRandomAsync(long seed, double minutes, Timing timing, SiteLink link, bool keep, bool list, Outputs outputs)
    {
        var strikes = new RandomStrikes(seed, PostgresServer.Programs is not null);
        if (list)
        {
            Console.WriteLine(string.Join('\n', Enumerable.Range(0, RandomListed).Select(strikes.Of)));
            return Kept;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Strikes at random for {minutes} min, seed {seed}"));
        var results = new List<ScenarioResult>();
        bool whole;
        try
        {
            whole = await StoppableAsync(async stop =>
            {
                await using var run = new SuiteRun(new ConcurrentDictionary<string, Report>(StringComparer.Ordinal), seed, timing, link, keep, result =>
                {
                    results.Add(result);
                    Console.WriteLine(ProgressLine.Of(results.Count, null, result));
                    // Said as a scenario, it can be tried again.
                    if (!result.IsGood)
                        Console.WriteLine($"The same again: put this into a file and run --scenario FILE --seed {seed}\n{result.Scenario}");
                });
                await run.RunAsync(strikes.Of, TimeSpan.FromMinutes(minutes), stop);
            });
        }
        finally
        {
            outputs.Write(Suites.Random, seed, results, new RandomTally(seed, minutes, results).Json());
        }

        var tally = new RandomTally(seed, minutes, results);
        Console.WriteLine(tally);
        return !whole ? Interrupted : tally.IsGood ? Kept : Broken;
    }

    // False when it was told to stop before its end.
    private static async Task<bool> StoppableAsync(Func<CancellationToken, Task> work)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await work(stop.Token);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private sealed record Outputs(string? Json, string? Markdown, string? Timeline)
    {
        public void Write(string suite, long seed, IReadOnlyList<ScenarioResult> results, string json)
        {
            if (Json is not null)
                File.WriteAllText(Json, json);
            if (Markdown is not null)
                File.WriteAllText(Markdown, SuiteMarkdown.Of(suite, seed, results));
            if (Timeline is not null)
                File.WriteAllText(Timeline, TimelineDrawing.Of(results));
        }
    }
}
