using System.Diagnostics;

namespace FedKim.Cluster.Tests;

/// <summary>The program under test.</summary>
internal static class FedKimProgram
{
    /// <summary>How a command of it is started, with its output to be read.</summary>
    public static ProcessStartInfo Command(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Launch.FedKimProgram.Words[0], [.. Launch.FedKimProgram.Words[1..], .. arguments]) { RedirectStandardOutput = true };
        foreach (var (name, value) in Launch.FedKimProgram.Surroundings)
            start.Environment[name] = value;
        return start;
    }

    /// <summary>How a command of it is started by a shell, after the shell's own words.</summary>
    /// <param name="before">For example <c>ulimit -n 96; exec</c>.</param>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="after">For example a redirection.</param>
    public static ProcessStartInfo Shell(string before, IEnumerable<string> arguments, string after = "") => new(
        "/bin/sh", ["-c", $"{before} {string.Join(' ', Launch.FedKimProgram.Words.Concat(arguments).Select(word => $"'{word}'"))} {after}"]);

    /// <summary>What a command ends with, and what it says.</summary>
    public static async Task<(int Code, string Output, string Errors)> EndAsync(ProcessStartInfo start, CancellationToken cancel)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            string errors = await process.StandardError.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, await output, errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>What a command prints, once it has ended with 0.</summary>
    public static async Task<string> RunAsync(CancellationToken cancel, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(Command(arguments))!;
        string output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        Assert.True(process.ExitCode == 0, $"fedkim {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}");
        return output;
    }
}
