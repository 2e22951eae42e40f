using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;

namespace FedKim.Cluster.Tests;

/// <summary>What a node cannot be started with, tried on real processes: each ends with 3 and a line that says what, where, and what to do.</summary>
public sealed class NodeStartTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-start-").FullName;
    private readonly CancellationTokenSource _limit = new(Limit);

    private string Work => Path.Combine(_folder, "work");

    public void Dispose()
    {
        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("security = off, cluster.host = \"192.0.2.1\"", "fedkim.cluster.host is \"192.0.2.1\", and 192.0.2.1 is no address of this machine; it has ")]
    [InlineData("security = off, cluster.host = \"no-such-host.invalid\"", "fedkim.cluster.host is \"no-such-host.invalid\", and this machine finds no address for that name.")]
    [InlineData("security = off, cluster.bind = \"192.0.2.1\"", "fedkim.cluster.bind is \"192.0.2.1\", and 192.0.2.1 is no address of this machine; it has ")]
    [InlineData("cluster.port = 70000", "fedkim.cluster.port is \"70000\"; it must be a whole number, 1 to 65535.")]
    [InlineData("work = \"/proc/fedkim\"", "fedkim.work is \"/proc/fedkim\", which cannot be made or written to: ")]
    [InlineData("cluster.port = 24501, commands.port = 24501", "fedkim.commands.port is 24501, and so is fedkim.cluster.port. Give each its own port.")]
    public async Task A_setting_that_this_machine_cannot_follow_is_named(string setting, string message)
    {
        string file = NodeFile(setting);

        var (code, _, errors) = await Start(file);

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.StartsWith(file, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains(message, errors);
    }

    [Theory]
    [InlineData("cluster")]
    [InlineData("weights")]
    public async Task A_port_that_is_taken_on_the_address_that_is_used_is_named(string key)
    {
        int[] ports = [.. Ports.Free(3)];
        using var other = new TcpListener(IPAddress.Parse("127.0.0.9"), ports[key == "cluster" ? 0 : 1]);
        other.Start();

        var (code, _, errors) = await Start(NodeFile("cluster.host = \"127.0.0.9\"", ports));

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains($"fedkim.{key}.port is {((IPEndPoint)other.LocalEndpoint).Port}, and another program listens on that port.", errors);
    }

    [Fact]
    public async Task Too_low_a_limit_of_open_files_is_named()
    {
        var (code, _, errors) = await FedKimProgram.EndAsync(FedKimProgram.Shell("ulimit -n 96; exec", ["node", NodeFile("")]), _limit.Token);

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains("This process may have 96 files open (ulimit -n), and needs 256.", errors);
    }

    [Fact]
    public async Task A_work_folder_of_another_account_is_named()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName != "root" || !File.Exists("/usr/bin/setpriv"))
        {
            Assert.Skip("Only root can start a process of another account.");
            return;
        }
        string file = NodeFile("");
        Directory.CreateDirectory(Path.Combine(Work, "weights"));
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        var (code, _, errors) = await FedKimProgram.EndAsync(
            FedKimProgram.Shell("exec /usr/bin/env HOME=/tmp DOTNET_CLI_HOME=/tmp setpriv --reuid=65534 --regid=65534 --clear-groups", ["node", file]), _limit.Token);

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains($"fedkim.work is \"{Work}\", in which node.lock cannot be made or written to: ", errors);
    }

    [Fact]
    public async Task A_node_whose_log_cannot_be_written_says_so_once_and_goes_on_and_what_it_makes_is_its_own()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other rights.");
            return;
        }
        Directory.CreateDirectory(Work, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(Work, "log"), "no folder", _limit.Token);
        File.SetUnixFileMode(Path.Combine(Work, "log"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var start = FedKimProgram.Command("node", NodeFile(""));
        start.RedirectStandardError = true;
        using var node = Process.Start(start)!;
        try
        {
            string? said = await node.StandardError.ReadLineAsync(_limit.Token);
            while (!File.Exists(Path.Combine(Work, "journal.db")))
                await Task.Delay(50, _limit.Token);
            var rights = new DirectoryInfo(Work).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(e => e.Name != "log").Select(e => (e.Name, e.UnixFileMode)).ToArray();
            Signal.Terminate.Send(node.Id);
            string rest = await node.StandardError.ReadToEndAsync(_limit.Token);
            await node.WaitForExitAsync(_limit.Token);

            Assert.StartsWith($"server: the log in {Path.Combine(Work, "log")} cannot be written, and this node goes on without: ", said);
            Assert.Empty(rest);
            Assert.Equal(ExitCodes.Ok, node.ExitCode);
            // A file that was gone before it was looked at (a journal's rollback file) has no rights: all bits stand for that.
            rights = [.. rights.Where(r => (int)r.UnixFileMode != -1)];
            Assert.Contains(rights, r => r.Name == "journal.db");
            const UnixFileMode Others = (UnixFileMode)0b000_111_111;
            Assert.All(rights, r => Assert.True((r.UnixFileMode & Others) == 0, $"{r.Name} has {r.UnixFileMode}"));
        }
        finally
        {
            if (!node.HasExited)
                node.Kill();
        }
    }

    private Task<(int Code, string Output, string Errors)> Start(string file) => FedKimProgram.EndAsync(FedKimProgram.Command("node", file), _limit.Token);

    private string NodeFile(string settings, int[]? given = null)
    {
        int[] ports = given ?? [.. Ports.Free(3)];
        string file = Path.Combine(_folder, "server.conf");
        File.WriteAllText(file, $$"""
            fedkim {
              site = server
              roles = [server]
              work = "{{Work}}"
              cluster { port = {{ports[0]}}, seeds = ["127.0.0.1:{{ports[0]}}"] }
              weights.port = {{ports[1]}}
              commands.port = {{ports[2]}}
            }
            fedkim { {{settings.Replace(", ", "\n")}} }
            """);
        return file;
    }
}
