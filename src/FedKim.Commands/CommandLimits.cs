namespace FedKim.Commands;

/// <summary>How long whoever takes part in a command waits for the next one: a client for the node, the node for the federation's server.</summary>
public static class CommandLimits
{
    /// <summary>Seconds that a command may take which looks something up.</summary>
    public const double Soon = 10;

    /// <summary>Seconds that a command may take which reads a long history or computes something anew.</summary>
    public const double Long = 3600;

    /// <summary>A client, for a node to be connected to and to greet.</summary>
    public static readonly TimeSpan Greeting = TimeSpan.FromSeconds(3);

    /// <summary>The same, of a node that is asked in the middle of its work and is worth waiting for.</summary>
    public static readonly TimeSpan BusyGreeting = TimeSpan.FromSeconds(30);

    /// <summary>How much longer than the node allows its command a client waits, so that it hears the node's own word.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>A node, for the server to answer one question, or a page of it: one that is there does so at once.</summary>
    public static readonly TimeSpan Question = TimeSpan.FromSeconds(3);

    /// <summary>A node, for its own actor to tell what it does.</summary>
    public static readonly TimeSpan Activity = TimeSpan.FromMilliseconds(500);
}
