using System.Net;

namespace FedKim.Commands;

/// <summary>Where a command host listens and what it puts up with.</summary>
/// <param name="Node">The node's name, as clients see it.</param>
public sealed record CommandHostOptions(string Node)
{
    /// <summary>Where a client looks when it is told no address.</summary>
    public const int DefaultPort = 9110;

    /// <summary>A loopback address. Whoever reaches the port may command the node, so no other is accepted.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes any free port.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Clients at a time; one more is told so and sent away.</summary>
    public int MostConnections { get; init; } = 32;

    /// <summary>How long a client may take for its first line.</summary>
    public TimeSpan HelloWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a client may stay without a command.</summary>
    public TimeSpan IdleFor { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a client may leave a row unread before it is given up.</summary>
    public TimeSpan StalledFor { get; init; } = TimeSpan.FromSeconds(60);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told what a handler or the network did wrong, for the node's log; called from any thread.</summary>
    public Action<string, Exception>? OnFault { get; init; }
}
