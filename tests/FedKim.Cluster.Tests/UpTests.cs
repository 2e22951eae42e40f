using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;

namespace FedKim.Cluster.Tests;

/// <summary><c>fedkim up</c> by somebody who slips: the same folder twice, another command line, no room, a Ctrl-C too early, a node that hangs.</summary>
public sealed class UpTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-up-").FullName;
    private readonly CancellationTokenSource _limit = new(Limit);
    private readonly string _port = Ports.FreeRow(8).ToString(CultureInfo.InvariantCulture);

    private string Work => Path.Combine(_folder, "run");

    private string[] Rehearsal => ["up", "--federation", RunningFederation.File("rehearsal.conf"), "--hospitals", "2", "--rounds", "1", "--seed", "5", "--work", Work, "--pbm-port", _port];

    public void Dispose()
    {
        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("--report", "/no/such/folder/report.json", "--report /no/such/folder/report.json: there is no folder /no/such/folder.")]
    [InlineData("--report", "/proc/report.json", "--report /proc/report.json: it cannot be written: ")]
    [InlineData("--report", "/tmp", "--report /tmp: this is a folder. Name a file.")]
    [InlineData("--report", "/dev/null", "--report /dev/null: this is a device. Name a file.")]
    [InlineData("--pbm-port", "99999", "--pbm-port 99999: 4 nodes take a port each from it on, and ports are 1 to 65535. Choose 1 to 65532.")]
    [InlineData("--pbm-port", "65533", "--pbm-port 65533: 4 nodes take a port each")]
    [InlineData("--data", "/no/such/folder", "--data /no/such/folder: there is no such folder.")]
    [InlineData("--work", "/proc/run", "--work /proc/run: the folder cannot be made or written to: ")]
    public async Task What_cannot_work_is_refused_before_anything_is_made(string option, string value, string message)
    {
        var (code, _, errors) = await FedKimProgram.EndAsync(FedKimProgram.Command([.. Rehearsal.Where((word, i) => word != option
            && (i == 0 || Rehearsal[i - 1] != option)), option, value]), _limit.Token);

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains(message, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.False(Directory.Exists(Work) && Directory.EnumerateFiles(Work, "*.conf").Any());
    }

    [Fact]
    public async Task Hospitals_that_share_processes_come_to_the_same_model_as_hospitals_that_have_one_each()
    {
        string[] seven = ["--federation", RunningFederation.File("rehearsal.conf"), "--hospitals", "7", "--rounds", "2", "--seed", "5"];
        JsonNode apart, together;
        await using (var federation = RunningFederation.Start(seven))
            apart = await federation.End();
        await using (var federation = RunningFederation.Start([.. seven, "--per-node", "3"]))
            together = await federation.End();

        Assert.Equal(apart["result"]!.ToJsonString(), together["result"]!.ToJsonString());
        Assert.All(together["rounds"]!.AsArray(), round => Assert.Equal(7, round!["accepted"]!.AsArray().Count));
        Assert.Equal(["hospitals-1", "hospitals-2", "hospitals-3"], together["processes"]!.AsArray().Where(p => (string?)p!["role"] == "hospital").Select(p => (string?)p!["site"]));
    }

    [Fact]
    public async Task Too_low_a_limit_of_open_files_is_named()
    {
        var (code, _, errors) = await FedKimProgram.EndAsync(FedKimProgram.Shell("ulimit -n 96; exec", Rehearsal), _limit.Token);

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains("This process may have 96 files open (ulimit -n), and needs ", errors);
    }

    [Fact]
    public async Task A_folder_in_which_a_run_goes_on_is_refused_with_its_process_and_left_as_it_is()
    {
        using var first = Process.Start(FedKimProgram.Command(Rehearsal))!;
        try
        {
            await Line(first, "Look inside with");
            string[] files = [.. Directory.EnumerateFiles(Work, "*.conf").Select(File.ReadAllText)];

            var (code, _, errors) = await FedKimProgram.EndAsync(FedKimProgram.Command(Rehearsal), _limit.Token);

            Assert.Equal(ExitCodes.Configuration, code);
            Assert.Contains($"fedkim up runs there already, as process {first.Id}.", errors);
            Assert.Equal(files, Directory.EnumerateFiles(Work, "*.conf").Select(File.ReadAllText));
        }
        finally
        {
            await End(first);
        }
    }

    [Fact]
    public async Task The_same_command_line_takes_a_run_up_with_its_timing_and_another_one_is_refused()
    {
        await Done([.. Rehearsal, "--until-done", "--timing", "quick"]);
        string before = Result();
        await Done([.. Rehearsal, "--until-done"]);

        Assert.Equal(before, Result());
        Assert.Contains("timing = quick", await File.ReadAllTextAsync(Path.Combine(Work, "server.conf"), _limit.Token));
        var (code, _, errors) = await FedKimProgram.EndAsync(FedKimProgram.Command("up", "--work", Work, "--rounds", "2", "--until-done"), _limit.Token);
        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains($"--work {Work}: another run lies there, which cannot be changed; --rounds was 1 and is 2.", errors);
    }

    [Fact]
    public async Task A_stop_while_data_are_made_ends_at_once_and_the_same_command_line_goes_on()
    {
        string[] demo = ["up", "--until-done", "--work", Work, "--pbm-port", _port];
        for (int time = 0; time < 2; time++)
        {
            using var up = Process.Start(FedKimProgram.Command(demo))!;
            try
            {
                await Line(up, "Demo data for 5 hospitals");
                Signal.Terminate.Send(up.Id);
                await up.WaitForExitAsync(_limit.Token).WaitAsync(TimeSpan.FromSeconds(5), _limit.Token);
                Assert.Equal(ExitCodes.Interrupted, up.ExitCode);
            }
            finally
            {
                await End(up);
            }
        }
        Assert.True(File.Exists(Path.Combine(Work, "federation.conf")));
        Assert.False(File.Exists(Path.Combine(Work, "server.conf")));
    }

    [Fact]
    public async Task A_run_whose_output_has_no_room_restarts_what_dies_and_ends_as_any_other()
    {
        string[] arguments = [.. Rehearsal, "--until-done", "--report", Path.Combine(_folder, "report.json")];
        using var up = Process.Start(FedKimProgram.Shell("exec", arguments, "> /dev/full 2> /dev/full"))!;
        try
        {
            int first = await Node("hospital-a");
            Signal.Kill.Send(first);
            while (await Node("hospital-a") == first)
                await Task.Delay(50, _limit.Token);
            await up.WaitForExitAsync(_limit.Token);

            Assert.Equal(ExitCodes.Ok, up.ExitCode);
            Assert.True(File.Exists(Path.Combine(_folder, "report.json")));
            Assert.Empty(Nodes());
        }
        finally
        {
            await End(up);
        }
    }

    [Fact]
    public async Task A_report_that_one_disk_has_no_room_for_is_on_the_other_and_the_result_is_printed()
    {
        string report = Path.Combine(_folder, "report.json");
        // No file takes a folder's place, as none does on a full disk.
        Directory.CreateDirectory(Path.Combine(Work, "report.json", "full"));
        await File.WriteAllTextAsync(Path.Combine(Work, "federation.conf"), $"include \"{RunningFederation.File("rehearsal.conf")}\"\nfederation.clients = [hospital-a, hospital-b]\nfederation.rounds = 1", _limit.Token);

        var (code, output, errors) = await FedKimProgram.EndAsync(FedKimProgram.Command("up", "--work", Work, "--pbm-port", _port, "--until-done", "--report", report), _limit.Token);

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains($"{Path.Combine(Work, "report.json")}: it cannot be written: ", errors);
        Assert.Contains("is complete", output);
        Assert.Equal("Completed", (string?)JsonNode.Parse(await File.ReadAllTextAsync(report, _limit.Token))!["phase"]);
    }

    [Fact]
    public async Task A_stop_ends_nodes_that_hang_too()
    {
        using var up = Process.Start(FedKimProgram.Command(Rehearsal))!;
        try
        {
            await Line(up, "Look inside with");
            Signal.Stop.Send(await Node("hospital-b"));

            Signal.Terminate.Send(up.Id);
            await up.WaitForExitAsync(_limit.Token);

            Assert.Equal(ExitCodes.Interrupted, up.ExitCode);
            Assert.Empty(Nodes());
        }
        finally
        {
            await End(up);
        }
    }

    private async Task Done(string[] arguments)
    {
        var (code, output, errors) = await FedKimProgram.EndAsync(FedKimProgram.Command(arguments), _limit.Token);
        Assert.True(code == ExitCodes.Ok, $"fedkim {string.Join(' ', arguments)} ended with {code}:\n{output}\n{errors}");
    }

    private string Result() => JsonNode.Parse(File.ReadAllText(Path.Combine(Work, "report.json")))!["result"]!.ToJsonString();

    private async Task Line(Process process, string wanted)
    {
        while (await process.StandardOutput.ReadLineAsync(_limit.Token) is { } line)
        {
            if (line.Contains(wanted, StringComparison.Ordinal))
                return;
        }
        Assert.Fail($"It ended before it said: {wanted}");
    }

    private async Task<int> Node(string site)
    {
        while (true)
        {
            if (Nodes().FirstOrDefault(node => node.Site == site).Pid is > 0 and var pid)
                return pid;
            await Task.Delay(50, _limit.Token);
        }
    }

    private IReadOnlyList<(int Pid, string Site)> Nodes() => ProcessTable.Nodes(Work);

    private async Task End(Process up)
    {
        if (!up.HasExited)
            Signal.Kill.Send(up.Id);
        await up.WaitForExitAsync(CancellationToken.None);
        foreach (var (pid, _) in Nodes())
            Signal.Kill.Send(pid);
    }
}
