using System.CommandLine;
using FedKim.Bench;
using FedKim.Models;

var clients = new Option<int>("--clients") { Description = "Client processes.", DefaultValueFactory = _ => 5 };
var mib = new Option<int>("--mib") { Description = "Size of the model in MiB.", DefaultValueFactory = _ => 22 };
var rounds = new Option<int>("--rounds") { Description = "Rounds; the first two warm up and do not count.", DefaultValueFactory = _ => 12 };
var turns = new Option<int>("--turns") { Description = "Federations of each kind, which take turns.", DefaultValueFactory = _ => 3 };
var once = new Option<int>("--turns") { Description = "Federations of each build.", DefaultValueFactory = _ => 1 };
var against = new Option<string?>("--against") { Description = "The fedkim.dll of another build, which takes turns with this one." };
var secure = new Option<string?>("--security") { Description = "on or off, for this build alone: another may know neither." };
secure.AcceptOnlyFromAmong("on", "off");
var json = new Option<string?>("--json") { Description = "File the figures are written to, as JSON." };
var committed = new Option<string?>("--committed") { Description = $"A file of --json from an earlier run. A ratio of more than {Outcome.Leeway} times its own there ends this one with 1." };
var identity = new Command("rounds", "Times rounds in which models travel, are checked, journaled and summed, and nothing is learned.")
{
    clients, mib, rounds, once, against, secure, json, committed,
};
identity.SetAction((parsed, cancel) => RoundsBench.RunAsync(
    parsed.GetValue(clients), parsed.GetValue(mib), parsed.GetValue(rounds), parsed.GetValue(once), parsed.GetValue(against),
    parsed.GetValue(secure) is { } word ? ["--security", word] : [], Ends(parsed), cancel));
var journal = new Command("journal", "Times the same rounds with the journal in a SQLite file and with none.") { clients, mib, rounds, turns, json };
journal.SetAction((parsed, cancel) =>
    TurnsBench.Journal.RoundsAsync(parsed.GetValue(clients), parsed.GetValue(mib), parsed.GetValue(rounds), parsed.GetValue(turns), Ends(parsed), cancel));
var demo = new Option<bool>("--demo") { Description = "The whole demo, from the command to its end, in place of rounds." };
var security = new Command("security", "Times the same rounds with certificates and TLS and without.") { clients, mib, rounds, turns, demo, json };
security.SetAction((parsed, cancel) => parsed.GetValue(demo)
    ? TurnsBench.Security.DemoAsync(parsed.GetValue(turns), Ends(parsed), cancel)
    : TurnsBench.Security.RoundsAsync(parsed.GetValue(clients), parsed.GetValue(mib), parsed.GetValue(rounds), parsed.GetValue(turns), Ends(parsed), cancel));
var threads = new Option<int>("--threads") { Description = "Threads of libtorch.", DefaultValueFactory = _ => 2 };
var repeats = new Option<int>("--repeats") { Description = "Steps of each kind, which take turns.", DefaultValueFactory = _ => 7 };
var injection = new Command("injection", "Times a training step with twelve experts against one plain LoRA, and against a loop over the experts.") { threads, repeats, json, committed };
injection.SetAction((parsed, cancel) => InjectionBench.RunAsync(parsed.GetValue(threads), parsed.GetValue(repeats), Ends(parsed), cancel));
var epochs = new Option<int>("--repeats") { Description = "Rounds of training and of injection; one more warms up and does not count.", DefaultValueFactory = _ => 3 };
var each = new Option<int>("--turns") { Description = "Processes of each build.", DefaultValueFactory = _ => 3 };
var bench = new Option<string?>("--against") { Description = "The FedKim.Bench.dll of another build, which takes turns with this one." };
var data = new Option<string?>("--data") { Description = "The demo's data, as a run of it left them below data; made anew without it." };
var bits = new Option<string>("--bits") { Description = "this-machine or same-everywhere, as fedkim.torch.bits has it.", DefaultValueFactory = _ => TorchBits.ThisMachine };
bits.AcceptOnlyFromAmong([.. TorchBits.All]);
var learning = new Command("learning", "Times a step of a hospital's training and one of the injection, as in the demo, and says what was learned.") { epochs, each, bench, data, bits, json };
learning.SetAction((parsed, cancel) => LearningBench.RunAsync(
    parsed.GetValue(epochs), parsed.GetValue(each), parsed.GetValue(bench), parsed.GetValue(data), parsed.GetRequiredValue(bits), Ends(parsed), cancel));
var many = new Option<int>("--rounds") { Description = "Rounds.", DefaultValueFactory = _ => 1000 };
var sites = new Option<int>("--clients") { Description = "Client processes.", DefaultValueFactory = _ => 20 };
var @long = new Command("long", "Runs many small rounds; compares take-overs and the server's memory near the start and at the end.") { sites, many, json };
@long.SetAction((parsed, cancel) => LongBench.RunAsync(parsed.GetValue(sites), parsed.GetValue(many), Ends(parsed), cancel));
var updates = new Option<int>("--updates") { Description = "Updates of the round.", DefaultValueFactory = _ => 5 };
var values = new Option<int>("--values") { Description = "Values of the model, 32-bit floats.", DefaultValueFactory = _ => 6_000_000 };
var sums = new Option<int>("--turns") { Description = "Aggregations, which take turns with what they are compared with.", DefaultValueFactory = _ => 9 };
var folder = new Option<string>("--folder") { Description = "Where the updates are written, and removed again.", DefaultValueFactory = _ => Path.GetTempPath() };
var aggregate = new Command("aggregate", "Times the aggregation of a round, files included, against copying as many bytes in memory.") { updates, values, sums, folder, json, committed };
aggregate.SetAction((parsed, cancel) => AggregateBench.RunAsync(
    parsed.GetValue(updates), parsed.GetValue(values), parsed.GetValue(sums), parsed.GetRequiredValue(folder), Ends(parsed), cancel));
var thousand = new Option<int>("--clients") { Description = "Clients; a quarter of them run first.", DefaultValueFactory = _ => 1000 };
var perNode = new Option<int>("--per-node") { Description = "Clients a process.", DefaultValueFactory = _ => 250 };
var few = new Option<int>("--rounds") { Description = "Rounds; the first warms up and does not count.", DefaultValueFactory = _ => 3 };
var kib = new Option<int>("--kib") { Description = "Size of the model in KiB.", DefaultValueFactory = _ => 100 };
var scale = new Command("scale", "Times rounds of many clients, and of a quarter of them: what a client costs must not grow with how many there are.") { thousand, perNode, few, kib, json };
scale.SetAction((parsed, cancel) => ScaleBench.RunAsync(
    parsed.GetValue(thousand), parsed.GetValue(perNode), parsed.GetValue(few), parsed.GetValue(kib), Ends(parsed), cancel));
var computing = new Option<string>("--device") { Description = "cpu, cuda:0 (or another number), or auto.", DefaultValueFactory = _ => TorchDevice.Auto };
var device = new Command("device", "Compares what a device computes with what the processor does: an injection step in every precision of products, a hospital's epoch, an evaluation.") { computing, json };
device.SetAction((parsed, cancel) => DeviceBench.RunAsync(parsed.GetRequiredValue(computing), Ends(parsed), cancel));
return await new RootCommand("Measures what FedKim itself costs, against a floor measured in the same run.") { identity, journal, security, @long, scale, aggregate, injection, learning, device, LargeModelCommand.Create(json) }.Parse(args).InvokeAsync();

Outcome Ends(ParseResult parsed) => new(parsed.GetValue(json), parsed.GetValue(committed));
