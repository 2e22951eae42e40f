using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;
using CsCheck;
using FedKim.Launch.Supervision;
using FedKim.Testing;

namespace FedKim.Launch.Tests;

public sealed class SupervisionTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly RestartPolicy Quick = new(TimeSpan.FromMilliseconds(1), 3, TimeSpan.FromHours(1));

    private readonly TemporaryFolder _folder = new();
    private readonly Channel<ProcessNews> _news = Channel.CreateUnbounded<ProcessNews>();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_process_that_dies_is_started_again_under_a_new_id()
    {
        var process = Start("exec sleep 600");
        var first = await Next<ProcessNews.Started>();

        Process.GetProcessById(first.Pid).Kill();
        var end = await Next<ProcessNews.Ended>();
        var second = await Next<ProcessNews.Started>();
        await process.StopAsync(Limit);

        Assert.Equal((first.Pid, 137), (end.Pid, end.ExitCode));
        Assert.NotEqual(first.Pid, second.Pid);
        Assert.True(await process.Completion);
        Assert.False(IsAlive(second.Pid));
    }

    [Fact]
    public async Task A_process_that_keeps_dying_is_given_up()
    {
        string count = Path.Combine(_folder.Path, "count");
        var process = Start($"echo x >> {count}; exit 7");

        Assert.False(await process.Completion.WaitAsync(Limit, TestContext.Current.CancellationToken));

        Assert.Equal(1 + Quick.Limit, File.ReadAllLines(count).Length);
    }

    [Fact]
    public async Task A_process_that_says_it_is_configured_wrongly_is_not_started_again()
    {
        var process = Start($"echo the cause >&2; exit {ExitCodes.Configuration}");

        Assert.False(await process.Completion.WaitAsync(Limit, TestContext.Current.CancellationToken));

        await Next<ProcessNews.Started>();
        var end = await Next<ProcessNews.Ended>();
        Assert.Equal((ExitCodes.Configuration, null), (end.ExitCode, end.RestartIn));
        Assert.Equal("the cause\n", File.ReadAllText(end.Output));
    }

    [Fact]
    public async Task A_process_that_does_not_end_when_asked_is_killed()
    {
        var process = Start("trap '' TERM; echo deaf; while :; do sleep 0.1; done");
        var started = await Next<ProcessNews.Started>();
        await Line("deaf");

        await process.StopAsync(TimeSpan.FromMilliseconds(50)).WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.False(IsAlive(started.Pid));
    }

    [Fact]
    public async Task A_process_is_kept_running_where_nobody_can_be_told_and_nothing_written()
    {
        string count = Path.Combine(_folder.Path, "count");
        var process = new SupervisedProcess(
            new ProcessLaunch("hospital-a", ["/bin/sh", "-c", $"echo x >> {count}; yes | head -c 30000; exit 7"], "/dev/full"),
            Quick, TimeProvider.System, _ => throw new IOException("No space left on device"));

        Assert.False(await process.Completion.WaitAsync(Limit, TestContext.Current.CancellationToken));

        Assert.Equal(1 + Quick.Limit, File.ReadAllLines(count).Length);
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_is_given_up_and_its_output_says_why()
    {
        string output = Path.Combine(_folder.Path, "output");
        var process = new SupervisedProcess(
            new ProcessLaunch("hospital-a", ["/no/such/program"], output), Quick, TimeProvider.System, news => _news.Writer.TryWrite(news));

        Assert.False(await process.Completion.WaitAsync(Limit, TestContext.Current.CancellationToken));
        await process.StopAsync(Limit);

        Assert.StartsWith("/no/such/program cannot be started: ", File.ReadLines(output).First());
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_who_inherited_the_output()
    {
        var process = Start("sleep 30 & echo $!; exec sleep 600");
        var started = await Next<ProcessNews.Started>();
        await Line("\n");

        await process.StopAsync(Limit).WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);

        Assert.False(IsAlive(started.Pid));
        Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(_folder.Path, "output")), System.Globalization.CultureInfo.InvariantCulture)).Kill();
    }

    [Fact]
    public async Task Its_input_ends_with_the_supervisor_and_not_before()
    {
        // `cat` ends when its input does; the supervisor never writes and holds the input open until it stops or dies itself.
        var process = Start("echo ready; exec cat");
        var started = await Next<ProcessNews.Started>();
        await Line("ready");

        Assert.True(IsAlive(started.Pid));
        await process.StopAsync(Limit);
        Assert.False(IsAlive(started.Pid));
    }

    [Fact]
    public async Task The_memory_of_a_process_is_known_while_it_runs_and_after()
    {
        var process = Start("echo ready; exec sleep 600");
        await Line("ready");

        process.SampleMemory();
        await process.StopAsync(Limit);

        Assert.True(process.PeakRssMiB > 0);
    }

    [Fact]
    public void Pauses_grow_and_a_process_is_given_up_only_for_ends_within_the_window() =>
        Gen.Int[0, 90].Array[1, 20].Sample(gaps =>
        {
            var policy = RestartPolicy.Default;
            var ends = ImmutableArray<DateTimeOffset>.Empty;
            var now = DateTimeOffset.UnixEpoch;
            foreach (int gap in gaps)
            {
                now = now.AddSeconds(gap);
                ends = ends.Add(now);
                int recent = ends.Count(end => end > now - policy.Window);
                if (policy.Pause(ends) is not { } pause)
                    return recent > policy.Limit;
                if (recent > policy.Limit || pause < policy.FirstDelay || pause > 8 * policy.FirstDelay)
                    return false;
            }
            return true;
        });

    private SupervisedProcess Start(string script) => new(
        new ProcessLaunch("hospital-a", ["/bin/sh", "-c", script], Path.Combine(_folder.Path, "output")) { FinalExitCodes = [ExitCodes.Configuration] },
        Quick, TimeProvider.System, news => _news.Writer.TryWrite(news));

    private async Task<T> Next<T>() where T : ProcessNews =>
        Assert.IsType<T>(await _news.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken));

    private async Task Line(string line)
    {
        string output = Path.Combine(_folder.Path, "output");
        using var timeout = new CancellationTokenSource(Limit);
        while (!File.Exists(output) || !File.ReadAllText(output).Contains(line, StringComparison.Ordinal))
            await Task.Delay(10, timeout.Token);
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
