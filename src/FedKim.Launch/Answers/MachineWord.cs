using FedKim.Commands;
using FedKim.Commands.Host;

namespace FedKim.Launch.Answers;

/// <summary>What tells of a node's machine is told on that machine.</summary>
internal static class MachineWord
{
    /// <summary>Lets nobody go on who asks from elsewhere.</summary>
    /// <param name="node">Who is asked.</param>
    /// <param name="what">What is asked for, to begin a sentence.</param>
    /// <exception cref="CommandException">Whoever asks is elsewhere.</exception>
    public static void CheckHere(IAnsweringNode node, string what)
    {
        if (Caller.Now is { IsHere: false })
            throw new CommandException(CommandFault.Failed, $"{what} may name what is on {node.Configuration.Site}'s machine. Ask there.");
    }
}
