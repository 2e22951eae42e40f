using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using FedKim.Commands.Palettes;
using FedKim.Commands.Parsing;

namespace FedKim.Commands.Tests;

/// <summary>The built client, as a process of its own.</summary>
public sealed class PbmTests
{
    private const int InterruptSignal = 2;
    private const string Rounds = "round | phase    |   loss | clients\n    1 | Training | 0.4322 | a, b\n    2 | Training | 0.4322 | a, b\nCount: 2\n";

    [Fact]
    public async Task One_command_prints_its_rows_and_ends()
    {
        await using var node = await TestNode.StartAsync();
        Assert.Equal(
            new Result(0, Rounds, ""), await Pbm([$"{node.Address}", "round", "list"]));
    }

    [Fact]
    public async Task With_json_the_answer_is_JSON()
    {
        await using var node = await TestNode.StartAsync();
        var list = await Pbm([$"{node.Address}", "round", "list", "--json"]);
        Assert.Equal(2, JsonDocument.Parse(list.Output).RootElement.GetArrayLength());
        var show = await Pbm([$"{node.Address}", "round", "show", "--json", "-r", "7"]);
        Assert.Equal(7, JsonDocument.Parse(show.Output).RootElement.GetProperty("round").GetInt64());
    }

    [Theory]
    [InlineData(1, "There is no federation. Submit one.", "test", "refuse")]
    [InlineData(2, "Unknown palette 'rund'. Did you mean 'round'? 'help' lists what there is.", "rund", "list")]
    [InlineData(2, "round show: -r wants a whole number, not 'x'.", "round", "show", "-r", "x")]
    public async Task A_command_that_fails_is_one_line_and_an_exit_code(int code, string line, params string[] words)
    {
        await using var node = await TestNode.StartAsync();
        Assert.Equal(new Result(code, "", $"pbm: {line}\n"), await Pbm([$"{node.Address}", .. words]));
    }

    [Fact]
    public async Task A_dead_port_is_one_line_and_exit_code_3()
    {
        int port = DeadPort();
        foreach (string[] words in new string[][] { ["round", "list"], [] })
        {
            var result = await Pbm([$"127.0.0.1:{port}", .. words]);
            Assert.Equal((3, ""), (result.Code, result.Output));
            Assert.StartsWith($"pbm: Nothing answers at 127.0.0.1:{port} (connection refused).", result.Errors, StringComparison.Ordinal);
            Assert.Equal(1, result.Errors.Count(letter => letter == '\n'));
        }
    }

    [Fact]
    public async Task A_stranger_on_the_port_is_one_line_and_exit_code_4()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var running = Pbm([$"127.0.0.1:{((IPEndPoint)stranger.LocalEndpoint).Port}", "round", "list"]);
        using var accepted = await stranger.AcceptTcpClientAsync();
        await accepted.GetStream().WriteAsync("220 mail ready\r\n"u8.ToArray());
        var result = await running;
        Assert.Equal(4, result.Code);
        Assert.Contains("is no FedKim node", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_a_proper_port_is_usage()
    {
        var result = await Pbm(["localhost:http", "round", "list"]);
        Assert.Equal(new Result(2, "", "pbm: 'localhost:http' is no address; it is written host:port, for example 127.0.0.1:9110.\n"), result);
    }

    [Fact]
    public async Task A_session_reads_lines_until_exit_and_goes_on_after_an_error()
    {
        await using var node = await TestNode.StartAsync();
        var result = await Pbm(
            [$"{node.Address}"],
            """
            round list

            rund list
            test echo -t "a b"
            test echo -t "open
            round show -r 5 --json
            exit
            round list
            """);
        Assert.Equal(0, result.Code);
        Assert.Equal(
            Rounds + "a b\n"
            + """{"round":5,"phase":"Training","loss":0.43219,"cause":null,"clients":["a","b"]}""" + "\n",
            result.Output);
        Assert.Contains($"[{node.Address}] pbm> ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'round'?", result.Errors, StringComparison.Ordinal);
        Assert.Contains("is left open", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_from_a_pipe_ends_with_the_code_of_its_last_command()
    {
        await using var node = await TestNode.StartAsync();
        Assert.Equal(1, (await Pbm([$"{node.Address}"], "round list\ntest refuse")).Code);
        Assert.Equal(0, (await Pbm([$"{node.Address}"], "test refuse\nround list\n")).Code);
    }

    [Fact]
    public async Task Help_is_what_the_node_says_of_itself()
    {
        await using var node = await TestNode.StartAsync();
        var palettes = new PaletteSet(TestNode.Palettes);
        Assert.Equal(new Result(0, HelpText.For(palettes, null, null), ""), await Pbm([$"{node.Address}", "help"]));
        Assert.Equal(new Result(0, HelpText.For(palettes, "test", null), ""), await Pbm([$"{node.Address}", "help", "test"]));
        Assert.Equal(new Result(0, HelpText.For(palettes, "round", "show"), ""), await Pbm([$"{node.Address}", "round", "show", "--help"]));
    }

    [Fact]
    public async Task The_client_s_own_help_needs_no_node_and_tells_the_exit_codes()
    {
        var result = await Pbm(["--help"]);
        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.All(["0 ", "1 ", "2 ", "3 ", "4 "], code => Assert.Contains($"\n  {code}", result.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_client_s_own_version_needs_no_node()
    {
        string? version = typeof(PaletteSet).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        Assert.Equal(new Result(0, $"{version}\n", ""), await Pbm(["--version"]));
        Assert.Equal(new Result(0, $"{version}\n", ""), await Pbm(["version"]));
    }

    [Theory]
    [InlineData("help")]
    [InlineData("help", "round")]
    [InlineData("round", "show", "--help")]
    public async Task Help_needs_no_node(params string[] words)
    {
        var result = await Pbm([$"127.0.0.1:{DeadPort()}", .. words]);
        Assert.Equal(0, result.Code);
        Assert.Contains("round", result.Output, StringComparison.Ordinal);
        Assert.Contains("show", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.EndsWith("; this is what a node of this version knows.\n", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_changes_something_is_not_done_where_nobody_can_be_asked_unless_it_is_said_to_be_meant()
    {
        await using var node = await TestNode.StartAsync();
        Assert.Equal(
            new Result(2, "", "pbm: Drop a? Nobody is here to be asked: say -y if that is meant.\n"), await Pbm([$"{node.Address}", "test", "drop", "-s", "a"]));
        Assert.Equal(new Result(0, "Dropped a.\n", ""), await Pbm([$"{node.Address}", "test", "drop", "-s", "a", "-y"]));
        Assert.Equal(new Result(0, "Dropped a.\n", ""), await Pbm([$"{node.Address}", "test", "remove", "-s", "a", "--yes"]));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _pbm pbm")]
    [InlineData("zsh", "compdef _pbm pbm")]
    [InlineData("fish", "complete -c pbm")]
    public async Task A_shell_is_given_its_completion(string shell, string line)
    {
        var result = await Pbm(["completion", shell]);
        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.Contains(line, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pbm rou", "round\n")]
    [InlineData("pbm 127.0.0.1:9110 round sh", "show\n")]
    [InlineData("pbm --certificate anna server:9101 round sh", "show\n")]
    [InlineData("pbm completion ", "bash\nzsh\nfish\n")]
    [InlineData("pbm comp", "completion\n")]
    [InlineData("pbm --certificate ", "")]
    public async Task A_shell_completes_lines_without_a_node(string line, string words) => Assert.Equal(new Result(0, words, ""), await Pbm(["--complete", line]));

    [Fact]
    public async Task What_is_watched_is_asked_again_and_again_until_it_is_interrupted()
    {
        SkipWithoutInterrupts();
        await using var node = await TestNode.StartAsync();
        using var process = Start([$"{node.Address}", "round", "list", "--watch", "0.1"]);
        int times = 0;
        while (times < 2)
        {
            string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(TestNode.Patience);
            Assert.NotNull(line);
            times += line == "Count: 2" ? 1 : 0;
        }

        Assert.Equal(0, Signal(process.Id, InterruptSignal));
        Assert.Equal(0, (await Ended(process)).Code);
    }

    [Fact]
    public async Task A_stream_goes_on_until_it_is_interrupted_and_then_ends_well()
    {
        SkipWithoutInterrupts();
        await using var node = await TestNode.StartAsync();
        using var process = Start([$"{node.Address}", "test", "ticks"]);
        Assert.Equal("tick", await process.StandardOutput.ReadLineAsync().WaitAsync(TestNode.Patience));
        for (int tick = 1; tick <= 3; tick++)
            Assert.Equal($"{tick}", await process.StandardOutput.ReadLineAsync().WaitAsync(TestNode.Patience));
        Assert.Equal(0, Signal(process.Id, InterruptSignal));
        await node.TicksEnded;
        Assert.Equal(0, (await Ended(process)).Code);
    }

    // A runner that was itself started in the background may ignore the signal, and its children with it.
    private static void SkipWithoutInterrupts()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Sends a signal as Linux does.");
        char ignored = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[^1];
        if ((Convert.ToInt32(ignored.ToString(), 16) & (1 << (InterruptSignal - 1))) != 0)
            Assert.Skip("This runner ignores SIGINT.");
    }

    private static int DeadPort()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        return ((IPEndPoint)taken.LocalEndpoint).Port;
    }

    private static async Task<Result> Pbm(string[] arguments, string input = "")
    {
        using var process = Start(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        return await Ended(process);
    }

    private static Process Start(string[] arguments)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(host, [Path.Combine(AppContext.BaseDirectory, "pbm.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static async Task<Result> Ended(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TestNode.Patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }

        return new Result(process.ExitCode, await output, await errors);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);

    private sealed record Result(int Code, string Output, string Errors);
}
