using System.Collections.Immutable;

namespace FedKim.Attackers;

/// <summary>One attack on a running federation, which tells itself what came of it.</summary>
/// <param name="Name">Who does what, as a sentence's part; unique.</param>
/// <param name="TryAsync">Tries it. Whatever it breaks over counts as an attack that could not be tried.</param>
public sealed record Attack(string Name, Func<Target, CancellationToken, Task<Outcome>> TryAsync);

/// <summary>What came of an attack.</summary>
/// <param name="Obeyed">What the attacker got that nobody may get, as a sentence; empty for nothing.</param>
/// <param name="Marks">What the audit log of the node must say of it.</param>
public sealed record Outcome(string Obeyed, ImmutableArray<Mark> Marks)
{
    /// <summary>It was refused, and these lines say so.</summary>
    public static Outcome Refused(params ImmutableArray<Mark> marks) => new("", marks);

    /// <summary>It was not refused.</summary>
    public static Outcome Got(string what) => new(what, []);
}

/// <summary>A line of the audit log by which an attack is known.</summary>
/// <param name="Peer">The name on the attacker's certificate; null where it showed none.</param>
/// <param name="Detail">A part of what the line says of it.</param>
public sealed record Mark(string? Peer, string Detail);

/// <summary>An attack that was tried.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Outcome">What came of it.</param>
public sealed record Tried(string Name, Outcome Outcome);
