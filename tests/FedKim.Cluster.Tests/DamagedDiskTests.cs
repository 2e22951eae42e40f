namespace FedKim.Cluster.Tests;

/// <summary>Real processes, real files: what a disk does to a byte changes no result, and is said.</summary>
public sealed class DamagedDiskTests
{
    [Fact]
    public async Task An_accepted_update_flipped_in_the_spool_while_the_server_is_down_changes_no_result_and_is_told()
    {
        await using var federation = RunningFederation.Start(Rehearsal.Arguments);

        await federation.Await("client", "list", r => r["standing"].ToString() == "accepted");
        federation.Kill("server");
        // The server comes back in seconds; what it accepted lies there already.
        string update = Directory.EnumerateFiles(Path.Combine(federation.Work, "server", "spool", "rehearsal-1")).First(f => Path.GetFileName(f).Length == 64);
        byte[] bytes = await File.ReadAllBytesAsync(update, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(update, bytes, TestContext.Current.CancellationToken);
        var report = await federation.End();

        Assert.Equal((await Rehearsal.Undisturbed)["result"]!.ToJsonString(), report["result"]!.ToJsonString());
        Assert.Contains(Lines(federation, "server"), line => line.Contains("is damaged on the disk of server", StringComparison.Ordinal));
        foreach (string site in (string[])["hospital-a", "hospital-b", "hospital-c"])
            Assert.Equal(["rehearsal/1", "rehearsal/2"], federation.Trained(site));
    }

    private static IEnumerable<string> Lines(RunningFederation federation, string site) => File.ReadLines(Path.Combine(federation.Work, site, "log", "console.log"));
}
