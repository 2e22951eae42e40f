using System.Diagnostics;

namespace FedKim.Cluster.Tests;

/// <summary>The program under test.</summary>
internal static class FedKimProgram
{
    /// <summary>How a command of it is started, with its output to be read.</summary>
    public static ProcessStartInfo Command(params IEnumerable<string> arguments) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, "fedkim.dll"), .. arguments]) { RedirectStandardOutput = true };

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
