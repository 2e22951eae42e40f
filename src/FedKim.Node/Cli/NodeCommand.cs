using System.CommandLine;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;
using FedKim.Node.Hosting;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim node FILE</c>: one node in the foreground.</summary>
internal static class NodeCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The node's configuration; see cluster/ for examples and hocon/reference.conf for every setting." };
        var withParent = new Option<bool>(FedKimProgram.WithParentOption) { Description = "End when standard input ends." };
        var command = new Command("node", "Runs one node until Ctrl-C.") { file, withParent };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(withParent)));
        return command;
    }

    /// <summary>Runs a node until it is told to end.</summary>
    /// <param name="file">Its configuration.</param>
    /// <param name="supervised">Whether it ends when standard input ends.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string file, bool supervised)
    {
        FileLimit.Check(FileLimit.OfNode);
        PrivateFiles.FromNowOn();
        UnfailingWriter.TakeOverOutput();
        using var signals = new StopSignals(leaveInterruptToParent: supervised);
        if (supervised)
            ParentWatch.Start(signals.Stop, FedKimProgram.StopLimit, ExitCodes.Interrupted);
        try
        {
            await NodeHost.RunAsync(NodeConfiguration.Read(file), signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            // It was told to end while it started.
        }
        catch (Exception e)
        {
            var failure = Failure.AtWork(e);
            failure.Say();
            return failure.Code;
        }
        return ExitCodes.Ok;
    }
}
