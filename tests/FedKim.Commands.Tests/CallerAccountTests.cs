using System.Diagnostics;
using System.Globalization;
using System.Net;
using FedKim.Commands.Host;

namespace FedKim.Commands.Tests;

/// <summary>Loopback is open to every account of a machine; a node obeys its own, and root.</summary>
public sealed class CallerAccountTests
{
    private static readonly IPEndPoint Node = IPEndPoint.Parse("127.0.0.1:9110"), Caller = IPEndPoint.Parse("127.0.0.1:40000");

    [Theory]
    [InlineData("0: 0100007F:9C40 0100007F:2396 01 00000000:00000000 00:00000000 00000000  1000        0 5 1", 1000u)]
    [InlineData("0: 0000000000000000FFFF00000100007F:9C40 0000000000000000FFFF00000100007F:2396 01 00000000:00000000 00:00000000 00000000  1000        0 5 1", 1000u)]
    [InlineData("0: 0100007F:9C40 0100007F:2396 06 00000000:00000000 00:00000000 00000000     0        0 0 1", null)]
    [InlineData("0: 0100007F:9C40 0100007F:2396 05 00000000:00000000 00:00000000 00000000     0        0 0 1", null)]
    [InlineData("0: 0100007F:9C41 0100007F:2396 01 00000000:00000000 00:00000000 00000000     0        0 5 1", null)]
    [InlineData("0: 0100007F:2396 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 5 1", null)]
    [InlineData("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", null)]
    public void An_account_is_read_of_a_connection_that_lives_and_of_no_other(string line, uint? account) =>
        Assert.Equal(account, CallerAccount.Of([line], Caller, Node));

    [Fact]
    public async Task Another_account_of_this_machine_is_told_to_go_and_changes_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "It takes root to be another account.");
        await using var node = await TestNode.StartAsync();

        Assert.Contains("403 Forbidden", await AskAs(65534), StringComparison.Ordinal);
        Assert.Contains("200 OK", await AskAs(0), StringComparison.Ordinal);

        async Task<string> AskAs(int account)
        {
            int port = int.Parse(node.Address.ToString()!.Split(':')[1], CultureInfo.InvariantCulture);
            string id = account.ToString(CultureInfo.InvariantCulture);
            var start = new ProcessStartInfo("/usr/bin/setpriv") { RedirectStandardOutput = true };
            foreach (string argument in (string[])["--reuid", id, "--regid", id, "--clear-groups", "bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET /commands HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3"])
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            string answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return answer;
        }
    }
}
