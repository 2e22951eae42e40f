using FedKim.Actors;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Models;

namespace FedKim.Chaos.Running;

/// <summary>A server that was set up twice: another node with a work folder of its own, over the journal of the cluster's servers.</summary>
internal static class SecondWriter
{
    private const string Site = "second-server";
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(60);

    /// <summary>Starts it and returns its exit code, and what it printed last.</summary>
    /// <exception cref="TimeoutException">It did not end by itself; it is killed then.</exception>
    public static async Task<(int Code, string Printed)> RunAsync(RunFolder folder, Timing timing, CancellationToken cancel)
    {
        var ports = Ports.Free(3);
        var plan = new NodePlan(Site, NodeRoles.Server, ports[0], ports[1], ports[2]);
        string file = plan.File(
            [plan], "", Path.GetFileName(folder.Federation), RunJournal.Sqlite, timing, SiteLink.Member, secured: false, TorchBits.ThisMachine, TorchProducts.Float32);
        await File.WriteAllTextAsync(folder.NodeFile(Site), file, cancel);
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Output(Site))!);
        await using var node = new ClusterNode(plan, folder, folder.Launch(plan));
        node.Start();
        int code;
        try
        {
            code = await node.Ended.WaitAsync(EndsWithin, cancel);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"A second server over the same journal did not end within {EndsWithin.TotalSeconds} s: {node.LastLines()}");
        }

        string printed = node.LastLines();
        if (Directory.Exists(node.Work))
            Directory.Delete(node.Work, recursive: true);
        File.Delete(folder.NodeFile(Site));
        return (code, printed);
    }
}
