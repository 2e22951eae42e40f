namespace FedKim.Commands;

/// <summary>Why a command came to nothing. The numbers are the exit codes of <c>pbm</c>.</summary>
public enum CommandFault
{
    /// <summary>The node could not do it, or refused.</summary>
    Failed = 1,

    /// <summary>There is no such palette, command or switch, or a value is not of its kind.</summary>
    Usage = 2,

    /// <summary>Nothing answers at the address, or the node went away before it had answered.</summary>
    Unreachable = 3,

    /// <summary>What answers there speaks another protocol or version, or did not answer in time.</summary>
    Protocol = 4,
}

/// <summary>
/// A command that failed, on either side of the wire. The message is one line that says what happened and what to do; a handler throws it
/// with <see cref="CommandFault.Failed"/> to answer with exactly this line.
/// </summary>
public sealed class CommandException(CommandFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public CommandFault Fault => fault;
}
