using System.CommandLine;
using FedKim.Actors;
using FedKim.Commands;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Models;
using FedKim.Models.Foundation;
using FedKim.Node.Configuration;
using FedKim.Parameters;
using FedKim.Parameters.PyTorch;

namespace FedKim.Node.Cli;

/// <summary>The program's commands.</summary>
internal static class CommandLine
{
    /// <summary>Runs the command that the arguments ask for.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("FedKim trains a medical foundation model on the data of many hospitals, and no data leaves any of them.")
        {
            UpCommand.Create(),
            NodeCommand.Create(),
            FederationCommand.Create(),
            ExperimentCommand.Create(),
            EvaluateCommand.Create(),
            DataCommands.Create(),
            ModelCommands.Create(),
            JournalCommand.Create(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
        };
        var parsed = root.Parse(args);
        // Signals are the commands' own affair: a node ends in order, with its parent, or not at all.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            int code = await parsed.InvokeAsync(invocation);
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
        }
        catch (Exception e) when (ExitCodeOf(e) is not null)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodeOf(e)!.Value;
        }
    }

    private static int? ExitCodeOf(Exception e) => e switch
    {
        InvalidConfigurationException or JournalException { Passing: false } => ExitCodes.Configuration,
        DataException or LearningException or TorchRuntimeException or FoundationException or SafetensorsException or PyTorchException => ExitCodes.Data,
        CommandException { Fault: CommandFault.Failed } => ExitCodes.Failed,
        CommandException { Fault: CommandFault.Usage } => ExitCodes.Usage,
        CommandException or JournalException => ExitCodes.Unreachable,
        _ => null,
    };
}
