using System.CommandLine;
using FedKim.Actors;
using FedKim.Configuration;
using FedKim.Experiments;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Progress;
using FedKim.Launch.Reports;
using FedKim.Models;
using FedKim.Node.Page;
using Spectre.Console;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim up</c>: a whole federation on this machine.</summary>
internal static class UpCommand
{
    private const int MostNodes = 64, MostHospitals = 10_000, MostPerNode = 2_500;

    public static Command Create()
    {
        var hospitals = new Option<int?>("--hospitals") { Description = "Number of hospitals, in place of the federation file's (the demo has 5)." };
        var perNode = new Option<int?>("--per-node")
        {
            Description = $"Hospitals that one process carries, 1 (the default) to {MostPerNode}, to rehearse with hundreds or thousands. More than 1 goes with --link member and --security off, and sets both.",
        };
        perNode.Require(count => count is null or (>= 1 and <= MostPerNode), $"--per-node must be 1 to {MostPerNode}.");
        var servers = new Option<int?>("--servers") { Description = "Number of servers, 1 (the default) to 3. One coordinates; with 2 or 3 another takes over when it is lost." };
        servers.Require(count => count is null or (>= 1 and <= 3), "--servers must be 1, 2 or 3.");
        var federation = new Option<string?>("--federation") { Description = "Federation file. Without it the demo runs." };
        var data = new Option<string?>("--data") { Description = "Folder with one folder a site. Without it demo data is made from the seed." };
        var work = new Option<string?>("--work") { Description = "Folder of the run; a run that lies there is taken up again. Without it: a new folder below ./work." };
        var rounds = new Option<int?>("--rounds") { Description = "Number of rounds, in place of the federation file's." };
        var seed = new Option<long?>("--seed") { Description = "Seed of the federation and of the demo data, in place of the federation file's." };
        var timing = new Option<Timing?>("--timing") { Description = "How soon silence counts as loss: steady (six to ten seconds; the default) or quick (two to three). A run that is taken up again keeps its own." };
        var link = new Option<SiteLink?>("--link") { Description = "How hospitals take part: outbound (by one connection that each opens; the default) or member (of the servers' cluster). A run that is taken up again keeps its own." };
        var untilDone = new Option<bool>("--until-done") { Description = "End all nodes when the federation has ended. Without it they run until Ctrl-C." };
        var report = new Option<string?>("--report") { Description = "File the report is written to, as JSON." };
        var port = new Option<int?>("--pbm-port")
        {
            Description = $"Where pbm finds the first server; the other servers, the injector and the hospitals follow, one port each. Without it {UpOptions.DefaultCommandPort}, or the run's own.",
        };
        var security = new Option<string?>("--security") { Description = "on (the default): nodes show each other certificates, of an authority made for this run. off: whoever reaches a port is obeyed." };
        security.AcceptOnlyFromAmong("on", "off");
        var journal = new Option<string?>("--journal")
        {
            Description = "What keeps the servers' journal: sqlite (the default), a file in the run's folder, or postgres://USER:PASSWORD@HOST:PORT/DATABASE, a database that is empty or the run's own. A run that is taken up again keeps its own.",
        };
        // Memory is for measuring and loses every federation with the process: nobody is to come across it.
        journal.Require(text => text is null || RunJournal.Parse(text) is not null, "--journal must be sqlite, or postgres://USER:PASSWORD@HOST:PORT/DATABASE.");
        var bits = new Option<string?>("--bits") { Description = "this-machine or same-everywhere (the default for the demo, where the processor can): on which machines the same run gives the same bits; see fedkim.torch.bits. A run that is taken up again keeps its own." };
        bits.AcceptOnlyFromAmong([.. TorchBits.All]);
        var products = new Option<string?>("--products") { Description = "float32 (the default), tf32 (on a GPU alone) or bf16: the precision of the injection's products; see fedkim.injector.products. A run that is taken up again keeps its own." };
        products.AcceptOnlyFromAmong([.. TorchProducts.All]);
        var expect = new Option<string?>("--expect") { Description = "The beginning of the digest that the global model is to have in the end, 8 digits or more, and after a comma that of the adapters; another result ends with 1." };
        expect.Require(text => text is null || ExpectedResult.Parse(text) is not null, "--expect must be 8 to 64 hexadecimal digits, or two such digests with a comma between them.");
        foreach (var (option, what) in new[] { (federation, "file"), (data, "folder"), (work, "folder"), (report, "file") })
            option.Require(path => path is null or { Length: > 0 }, $"{option.Name} is empty; name a {what}.");
        hospitals.Require(count => count is null or (>= 1 and <= MostHospitals), $"--hospitals must be 1 to {MostHospitals}.");
        var command = new Command("up", "Runs a whole federation on this machine, one process a node.")
        {
            hospitals, perNode, servers, federation, data, work, rounds, seed, timing, link, security, bits, products, untilDone, report, expect, journal, port,
        };
        command.Check(result =>
        {
            int carried = result.GetValue(perNode) ?? 1;
            if (carried > 1 && result.GetValue(link) == SiteLink.Outbound)
                result.AddError("--link outbound: a line to a server's door speaks for the one hospital that opened it, and --per-node asks for several in a process. Leave one of the two out.");
            if (carried > 1 && result.GetValue(security) == "on")
                result.AddError("--security on: a certificate names one hospital, and --per-node asks for several in a process, which nothing keeps apart. Leave one of the two out.");
            // Whether a run that is taken up again carries several is not known yet.
            if (result.GetValue(hospitals) > MostNodes * carried && (result.GetValue(perNode) is not null || result.GetValue(work) is null))
                result.AddError($"--hospitals is {result.GetValue(hospitals)}, and this machine is to start at most {MostNodes} processes of hospitals. Let each carry more with --per-node.");
            if (result.GetValue(products) == TorchProducts.Tf32 && result.GetValue(bits) == TorchBits.SameEverywhere)
                result.AddError($"--products {TorchProducts.Tf32}: a GPU alone makes such products, and --bits {TorchBits.SameEverywhere} asks for the same of every processor. Leave one of the two out.");
            if (result.GetValue(journal) == RunJournal.Memory.Provider && result.GetValue(servers) > 1)
                result.AddError("--journal memory holds the federation in one process; it goes with one server only.");
        });
        command.SetAction(async (parsed, _) =>
        {
            // Before anything is loaded that would not find a file left.
            FileLimit.Check(FileLimit.OfNode);
            using var signals = new StopSignals();
            PrivateFiles.FromNowOn();
            UnfailingWriter.TakeOverOutput();
            return await RunAsync(
                new UpOptions
                {
                    Hospitals = parsed.GetValue(hospitals),
                    PerNode = parsed.GetValue(perNode),
                    Servers = parsed.GetValue(servers),
                    Federation = parsed.GetValue(federation),
                    Data = parsed.GetValue(data),
                    Work = parsed.GetValue(work),
                    Rounds = parsed.GetValue(rounds),
                    Seed = parsed.GetValue(seed),
                    Timing = parsed.GetValue(timing),
                    Link = parsed.GetValue(link),
                    UntilDone = parsed.GetValue(untilDone),
                    Report = parsed.GetValue(report),
                    Journal = parsed.GetValue(journal) is { } kept ? RunJournal.Parse(kept) : null,
                    CommandPort = parsed.GetValue(port),
                    Bits = parsed.GetValue(bits),
                    Products = parsed.GetValue(products),
                    Expect = parsed.GetValue(expect) is { } digests ? ExpectedResult.Parse(digests) : null,
                    Secured = parsed.GetValue(security) is { } said ? said == "on" : null,
                },
                signals.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(UpOptions options, CancellationToken stop)
    {
        using var setup = await Prepare(options, stop);
        if (setup is null)
        {
            Console.WriteLine("Stopped before the nodes were started. The same command goes on where it was.");
            return ExitCodes.Interrupted;
        }
        Console.WriteLine(
            $"Federation {setup.Plan.Id}: {setup.Nodes.Length} processes, {setup.Plan.Rounds} rounds, {setup.Plan.Strategy}, seed {setup.Plan.Seed}, in {setup.Folder.Path}; its page: {PageFile.On(setup.Nodes[0].CommandPort)}");
        if (setup.Nodes.Any(node => !node.Carries.IsEmpty))
            Console.WriteLine($"{setup.Nodes.Sum(node => node.Hospitals)} hospitals in {setup.Nodes.Count(node => node.Hospitals > 0)} of them, without certificates: a rehearsal, in which nothing keeps the hospitals of a process apart");
        Console.WriteLine($"Look inside with: pbm 127.0.0.1:{setup.Nodes[0].CommandPort} federation show");

        Report? report;
        InvalidConfigurationException? unwritten;
        await using (IProgressView view = Console.IsOutputRedirected ? new LineView(Console.Out, TimeProvider.System) : new LiveView(AnsiConsole.Console))
            (report, unwritten) = await LocalFederation.RunAsync(setup, options, view, stop);
        if (report is null)
        {
            Console.WriteLine($"Stopped before the federation was done. Take it up again with: fedkim up --work {setup.Folder.Path}");
            return ExitCodes.Interrupted;
        }
        Print(report, setup.Folder);
        if (unwritten is not null)
            throw unwritten;
        Console.WriteLine($"Report: {options.Report ?? setup.Folder.Report}; everything else: {setup.Folder.Path}");
        if (report.IsCompleted)
            PrintNext(setup);
        if (options.Expect is not { } expected || !report.IsCompleted)
            return report.IsCompleted ? ExitCodes.Ok : ExitCodes.Failed;
        string? difference = expected.Difference(report);
        Console.WriteLine(difference ?? "The result is the expected one, bit for bit.");
        return difference is null ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<RunSetup?> Prepare(UpOptions options, CancellationToken stop)
    {
        try
        {
            return await Task.Run(() => RunSetup.Prepare(options, Directory.GetCurrentDirectory(), Console.WriteLine, stop), CancellationToken.None);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static void Print(Report report, RunFolder folder)
    {
        if (!report.Evaluation.IsEmpty)
            EvaluationTable.Print(report.Evaluation, report.Routing ?? []);
        string outcome = report.Phase switch
        {
            "Completed" => "is complete",
            "Stopped" => $"was stopped: {report.Cause}",
            _ => $"failed: {report.Cause}",
        };
        Console.WriteLine($"Federation {report.Federation} {outcome}");
        if (report.Result is { } result)
            Console.WriteLine($"global model {result.GlobalSha256}\nadapters     {result.AdapterSha256}");
    }
    private static void PrintNext(RunSetup setup)
    {
        string run = setup.Folder.Path;
        (string What, string How)[] next = setup.Plan.Method == FederationFile.Rehearsal
            ? [("the events of a round", $"fedkim up --work {run}, and beside it pbm round why -r 1")]
            :
            [
                ("take the model with you", $"fedkim federation export --run {run} --out DIR"),
                ("what it says of each patient", $"fedkim evaluate --run {run} --predictions FILE.parquet"),
                ("compare it with other methods", "fedkim experiment FILE --out DIR, such as cluster/experiments/demo.experiment.conf"),
            ];
        Console.WriteLine("What to do next:");
        foreach (var (what, how) in next)
            Console.WriteLine($"  {what.PadRight(next.Max(line => line.What.Length))}  {how}");
    }
}
