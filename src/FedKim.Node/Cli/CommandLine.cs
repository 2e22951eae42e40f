using System.CommandLine;
using FedKim.Launch;
using FedKim.Launch.Packages;
using FedKim.Launch.Supervision;
using FedKim.Node.Cli.Certs;
using FedKim.Node.Cli.Join;

namespace FedKim.Node.Cli;

/// <summary>The program's commands.</summary>
internal static class CommandLine
{
    /// <summary>Runs the command that the arguments ask for.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var extension = new Option<string[]>("--extension")
        {
            Description = "A package of your own, by the .dll that its build makes; it adds strategies, readers of data, encoders, metrics or commands. May be given several times.",
            Recursive = true,
        };
        var root = new RootCommand("FedKim trains a medical foundation model on the data of many hospitals, and no data leaves any of them.")
        {
            UpCommand.Create().With(extension),
            JoinCommand.Create(),
            NodeCommand.Create(),
            FederationCommand.Create().With(extension),
            ExperimentCommand.Create().With(extension),
            EvaluateCommand.Create().With(extension),
            DataCommands.Create().With(extension),
            ModelCommands.Create(),
            CertsCommand.Create(),
            AuditCommand.Create(),
            JournalCommand.Create(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
            CompletionCommand.Create(),
        };
        // Signals are the commands' own affair: a node ends in order, with its parent, or not at all.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            // As people ask, whatever the library's word for it is.
            var parsed = root.Parse(args is ["help", .. var of] ? [.. of, "--help"] : args);
            if (parsed.Errors.Count == 0)
                Extensions.Load(extension.Name, parsed.GetValue(extension) ?? []);
            int code = await parsed.InvokeAsync(invocation);
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
        }
        catch (Exception e)
        {
            var failure = Failure.Of(e);
            failure.Say();
            return failure.Code;
        }
    }

    // A node takes its packages from its own file, and the other commands read no federation.
    private static Command With(this Command command, Option option)
    {
        command.Options.Add(option);
        return command;
    }

    /// <summary>What no command can catch, because it is thrown on a thread of nobody's, ends the process with a line and a code as well.</summary>
    public static void CatchTheRest() => AppDomain.CurrentDomain.UnhandledException += (_, e) =>
    {
        var failure = Failure.AtWork((Exception)e.ExceptionObject);
        failure.Say();
        Signals.EndSelf(failure.Code);
    };
}
