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

    /// <summary>What whoever asks is told where something of the machine cannot be read: why, which names files and databases, on the machine alone.</summary>
    /// <param name="site">Whose machine.</param>
    /// <param name="what">What cannot be read, to begin a sentence.</param>
    /// <param name="why">Why.</param>
    public static CommandException Unread(string site, string what, Exception why) => new(
        CommandFault.Failed,
        Caller.Now is { IsHere: false } ? $"{what} cannot be read. Asked on {site}'s machine, the same command says why." : $"{what} cannot be read: {why.Message}",
        why);
}
