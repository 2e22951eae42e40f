using System.Diagnostics;

namespace FedKim.Chaos.Running;

/// <summary>Runs a program of the system to its end.</summary>
internal static class Tool
{
    /// <summary>Runs a command line whose words hold no spaces.</summary>
    /// <exception cref="NotRunnableException">The program is missing or says no.</exception>
    public static async Task RunAsync(string command, CancellationToken cancel = default)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            string problem = await process.StandardError.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            if (process.ExitCode != 0)
                throw new NotRunnableException($"`{command}` ended with {process.ExitCode}: {problem.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new NotRunnableException($"{words[0]} cannot be run: {e.Message}. Install it.");
        }
    }

    /// <summary>Runs a command line that takes something away again; what is not there any more is no problem.</summary>
    public static async Task UndoAsync(string command)
    {
        try
        {
            await RunAsync(command);
        }
        catch (NotRunnableException)
        {
            // It is gone already.
        }
    }
}
