using System.Net;
using FedKim.Commands.Client;

namespace FedKim.Commands.Host;

/// <summary>Where a command host listens and what it puts up with.</summary>
/// <param name="Node">The node's name, as clients see it.</param>
public sealed record CommandHostOptions(string Node)
{
    /// <summary>A loopback address. Whoever of this machine's account reaches the port may command the node, so no other is accepted.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes any free port.</summary>
    public int Port { get; init; } = NodeAddress.DefaultPort;

    /// <summary>Clients at a time; one more is told so and sent away.</summary>
    public int MostConnections { get; init; } = 32;

    /// <summary>How long a client may take for the head of a request that it has begun.</summary>
    public TimeSpan HeadWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may stay without a request. A client that has one later connects again, and notices nothing.</summary>
    public TimeSpan IdleFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a client may leave a row unread before it is given up; more than a second.</summary>
    public TimeSpan StalledFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes a second that a client must read of what takes longer than that.</summary>
    public double SlowestRead { get; init; } = 8 * 1024;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told which account was refused, and why, to go on after "asked"; called from any thread.</summary>
    public Action<string, string>? OnRefused { get; init; }

    /// <summary>Told what a handler did wrong, for the node's log; called from any thread.</summary>
    public Action<string, Exception>? OnFault { get; init; }
}
