using FedKim.Certificates;
using FedKim.Commands;

namespace FedKim.Launch.Answers;

/// <summary>What a node runs on, for whoever looks after its machine. What is changed here is noted in its audit log, and is for operators.</summary>
public interface INodeMachinery
{
    /// <summary>The least severe lines that its log tells: <c>debug</c>, <c>info</c>, <c>warning</c> or <c>error</c>.</summary>
    string LogLevel { get; }

    /// <summary>The certificates by which it goes, its own first; none where it shows none.</summary>
    IReadOnlyList<KnownCertificate> Certificates();

    /// <summary>Its actors, each followed by those below it.</summary>
    /// <param name="most">How many are told at most.</param>
    IReadOnlyList<ActorPlace> Actors(int most);

    /// <summary>Changes what its log tells, until it ends.</summary>
    /// <exception cref="CommandException">Whoever asks may not.</exception>
    void SetLogLevel(string level);

    /// <summary>Gives memory back that is not used any more.</summary>
    /// <returns>How much, in bytes.</returns>
    /// <exception cref="CommandException">Whoever asks may not.</exception>
    long Collect();

    /// <summary>Lets a member of the cluster go in order.</summary>
    /// <param name="address">Its address, <c>host:port</c>.</param>
    /// <exception cref="CommandException">There is none, or whoever asks may not.</exception>
    void Leave(string address);

    /// <summary>Puts a member out of the cluster that is not reached any more.</summary>
    /// <param name="address">Its address, <c>host:port</c>.</param>
    /// <exception cref="CommandException">There is none, it is reached, or whoever asks may not.</exception>
    void PutOut(string address);
}

/// <summary>An actor of a node.</summary>
/// <param name="System">Its actor system.</param>
/// <param name="Path">Its path there.</param>
/// <param name="Below">How many are right below it.</param>
/// <param name="Waiting">How many messages wait for it.</param>
public sealed record ActorPlace(string System, string Path, int Below, int Waiting);
