using Akka.Actor;

namespace FedKim.Actors.Server;

/// <summary>A node that has said hello, and what it said last.</summary>
/// <param name="Ref">Where it is reached.</param>
/// <param name="Status">What it does.</param>
/// <param name="Seen">When, by the clock that only runs forward.</param>
internal sealed record Presence<TStatus>(IActorRef Ref, TStatus Status, long Seen)
{
    /// <summary>Silence after which it counts as absent.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    /// <summary>Silence in which it has left hellos out: people see that before anything follows from it.</summary>
    public static readonly TimeSpan Missed = TimeSpan.FromSeconds(2.5);

    /// <summary>How it is connected, for people.</summary>
    public string Node => Through.Length > 0 ? Through : Ref.Path.Address.ToString();

    /// <summary>The same where it is not itself at its address; else empty.</summary>
    public string Through { get; init; } = "";

    /// <summary>Its work folder's name.</summary>
    public string Machine { get; init; } = "";

    /// <summary>Where it has other packages than the server: which.</summary>
    public string Packages { get; init; } = "";

    /// <summary>How far its clock is off.</summary>
    public ClockOffset Clock { get; init; } = new();
}
