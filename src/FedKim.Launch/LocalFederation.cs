using System.Collections.Immutable;
using FedKim.Commands.Client;
using FedKim.Configuration;
using FedKim.Launch.Machine;
using FedKim.Launch.Progress;
using FedKim.Launch.Reports;
using FedKim.Launch.Supervision;

namespace FedKim.Launch;

/// <summary>Runs a federation on this machine: one supervised process a node, watched to its end, reported, and cleaned up.</summary>
public sealed class LocalFederation : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StopLimit = FedKimProgram.StopLimit + TimeSpan.FromSeconds(2);

    private readonly RunSetup _setup;
    private readonly IProgressView _view;
    private readonly ServerWatch _server;
    private readonly ImmutableArray<(NodePlan Node, SupervisedProcess Process)> _nodes;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _hospitals;
    private int _servers;

    private LocalFederation(RunSetup setup, IProgressView view)
    {
        ImmutableArray<NodePlan> servers = [.. setup.Nodes.Where(node => node.Role == NodeRoles.Server)];
        (_setup, _view, _hospitals, _servers) = (setup, view, FederationFile.Sites(setup.Plan).Length, servers.Length);
        _server = new ServerWatch([.. servers.Select(server => new NodeAddress("127.0.0.1", server.CommandPort))], setup.Plan.Id.Value);
        _nodes = [.. setup.Nodes.Select(node => (node, new SupervisedProcess(setup.Folder.Launch(node), RestartPolicy.Default, TimeProvider.System, Announce)))];
    }

    /// <summary>Runs a federation to its end, or until it is told to stop, and ends its processes.</summary>
    /// <param name="setup">The federation, its folder and its nodes.</param>
    /// <param name="options">Whether the nodes end with the federation, and where the report is written besides the run's folder.</param>
    /// <param name="view">Told what happens.</param>
    /// <param name="stop">Ends it early; taken up again, it goes on where it was.</param>
    /// <returns>The report, null when it was told to stop before the federation had ended; and why it is not in one of its files.</returns>
    public static async Task<(Report? Report, InvalidConfigurationException? Unwritten)> RunAsync(RunSetup setup, UpOptions options, IProgressView view, CancellationToken stop)
    {
        Report? report = null;
        var federation = new LocalFederation(setup, view);
        try
        {
            report = await federation.FollowAsync(stop);
            // It is written again at the end, when there may be room.
            if (federation.Write(report, options) is { } unwritten)
                view.Say(unwritten.Message);
            if (!options.UntilDone)
            {
                view.Say("the nodes keep running; Ctrl-C ends them");
                await federation.FollowAsync(stop, beyondTheEnd: true);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            view.Say("stopping");
        }
        finally
        {
            await federation.DisposeAsync();
        }

        // Once more, now that every process has told the most memory it ever held.
        return (report, report is null ? null : federation.Write(report, options));
    }

    /// <summary>Ends hospitals and injector, then the servers that they say goodbye to, each in order and no later than its limit.</summary>
    public async ValueTask DisposeAsync()
    {
        // Whatever else does not end well, the processes are ended.
        foreach (bool servers in (bool[])[false, true])
            await Task.WhenAll(_nodes.Where(n => n.Node.Role == NodeRoles.Server == servers).Select(n => n.Process.StopAsync(StopLimit)));
        await _server.DisposeAsync();
    }

    /// <summary>Watches the federation to its end and returns its report.</summary>
    private async Task<Report> FollowAsync(CancellationToken stop, bool beyondTheEnd = false)
    {
        using var timer = new PeriodicTimer(LookEvery);
        Report? latest = null;
        while (await timer.WaitForNextTickAsync(stop))
        {
            var snapshot = await _server.LookAsync(stop);
            _view.Show(snapshot);
            foreach (var (_, process) in _nodes)
                process.SampleMemory();
            if (beyondTheEnd)
                continue;

            bool lost = _lost.Task.IsCompleted;
            if ((lost || snapshot is { HasEnded: true }) && await _server.ReportAsync(stop) is { } text)
                latest = Report.Parse(text);
            // What has ended has, whatever becomes of those behind it.
            if (lost && latest is not { Phase: "Completed" or "Failed" or "Stopped" })
            {
                string cause = await _lost.Task;
                latest = latest is null
                    ? new Report { Federation = _setup.Plan.Id.Value, Phase = "Failed", Cause = cause, Evaluation = [] }
                    : latest with { Phase = "Failed", Cause = cause };
            }
            if (latest is not null)
                return latest;
        }
        throw new OperationCanceledException(stop);
    }

    // The two files may be on two disks: one without room does not cost the other.
    private InvalidConfigurationException? Write(Report report, UpOptions options)
    {
        ImmutableArray<ReportedProcess> processes =
            [.. _nodes.Select(n => new ReportedProcess(n.Node.Role, n.Node.Site, n.Process.Pid, Math.Round(n.Process.PeakRssMiB, 1)))];
        string text = (report with { Processes = processes, Bits = _setup.Folder.BitsUsed, Products = _setup.Folder.ProductsUsed }).ToFile();
        var inFolder = Problem(_setup.Folder.Report, () => TextFile.Write(_setup.Folder.Report, text));
        var asked = options.Report is not { } path ? null : Problem($"--report {path}", () =>
        {
            TextFile.Write(path, text);
            PrivateFiles.AsUsual(path);
        });
        return inFolder ?? asked;
    }

    private static InvalidConfigurationException? Problem(string what, Action writing)
    {
        try
        {
            OutputPaths.Writing(what, writing);
            return null;
        }
        catch (InvalidConfigurationException e)
        {
            return e;
        }
    }

    private void Announce(ProcessNews news)
    {
        switch (news)
        {
            case ProcessNews.Ended { RestartIn: { } pause } ended:
                _view.Say($"{ended.Name} (process {ended.Pid}) ended with code {ended.ExitCode}; it starts again in {pause.TotalSeconds:0.##} s");
                break;
            case ProcessNews.Ended ended:
                _view.Say($"{ended.Name} ended with code {ended.ExitCode} and is given up: {NodeProcess.LastLines(ended.Output)}");
                GiveUp(ended);
                break;
        }
    }

    /// <summary>Without a majority of its servers or without its injector a federation cannot end, nor with fewer hospitals than its quorum.</summary>
    private void GiveUp(ProcessNews.Ended ended)
    {
        var node = _setup.Nodes.First(node => node.Site == ended.Name);
        int left = Interlocked.Add(ref _hospitals, -node.Hospitals);
        if (node.Role == NodeRoles.Injector || (node.Role == NodeRoles.Server && Interlocked.Decrement(ref _servers) == 0))
            _lost.TrySetResult($"{ended.Name} cannot be kept running; see {ended.Output}.");
        else if (left < _setup.Plan.Quorum)
            _lost.TrySetResult($"{left} hospitals can be kept running, and the quorum is {_setup.Plan.Quorum}; {ended.Name} was the last to be given up, see {ended.Output}.");
    }
}
