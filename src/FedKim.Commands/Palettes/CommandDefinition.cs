using System.Collections.Immutable;

namespace FedKim.Commands.Palettes;

/// <summary>The shape of a command's answer; it decides how the answer is printed.</summary>
public enum AnswerShape
{
    /// <summary>Any number of rows: a line each and a count; a JSON array.</summary>
    Rows,

    /// <summary>Exactly one row: a line and a count; a JSON object.</summary>
    Item,

    /// <summary>One sentence: a line; a JSON object with <c>message</c>.</summary>
    Message,

    /// <summary>Rows as they happen, until the caller cancels: a line each; a JSON object a line.</summary>
    Stream,
}

/// <summary>A command as the host pushes it to its clients: its name, what it does, its switches and the shape of its answer.</summary>
/// <param name="Limit">Seconds it may take, for host and client alike; a stream has no limit.</param>
public sealed record CommandDefinition(
    string Name, string Help, AnswerShape Answer, ImmutableArray<CommandSwitch> Switches, double Limit = CommandLimits.Soon)
{
    /// <summary>How long it may take.</summary>
    internal TimeSpan Within => Answer == AnswerShape.Stream ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(Limit);
}
