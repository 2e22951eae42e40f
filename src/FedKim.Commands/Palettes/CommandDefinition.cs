using System.Collections.Immutable;

namespace FedKim.Commands.Palettes;

/// <summary>The shape of a command's answer; it decides how the answer is printed.</summary>
public enum AnswerShape
{
    /// <summary>Any number of rows: a table and a count; a JSON array.</summary>
    Rows,

    /// <summary>Exactly one row: a line a field; a JSON object.</summary>
    Item,

    /// <summary>One sentence: a line; a JSON object with <c>message</c>.</summary>
    Message,

    /// <summary>Rows as they happen, until the caller cancels: a line each; a JSON object a line.</summary>
    Stream,
}

/// <summary>A command as the host pushes it to its clients: its name, what it does, its switches and the shape of its answer.</summary>
/// <param name="Limit">Seconds it may take, for host and client alike; a stream has no limit.</param>
/// <param name="Question">
/// What a client asks a person before it sends the command, which changes something; <c>{site}</c> stands for the switch's value. Null where nothing is changed.
/// </param>
/// <param name="ChangesBy">The switch without which nothing is changed; null where something always is.</param>
/// <param name="Earlier">Names it had before: they are heard as its own, and not listed.</param>
public sealed record CommandDefinition(
    string Name, string Help, AnswerShape Answer, ImmutableArray<CommandSwitch> Switches, double Limit = CommandLimits.Soon, string? Question = null,
    string? ChangesBy = null, IReadOnlyList<string>? Earlier = null)
{
    // What a switch that was left out stands for in a question.
    private const string Unsaid = "the one that runs";

    /// <summary>How long it may take.</summary>
    internal TimeSpan Within => Answer == AnswerShape.Stream ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(Limit);

    /// <summary>Its name, and those it had before.</summary>
    internal IEnumerable<string> Names => Earlier is null ? [Name] : [Name, .. Earlier];

    /// <summary>What a person is asked before exactly this is done; null where nothing is changed.</summary>
    public string? QuestionOf(CommandInvocation asked) => Question is null || (ChangesBy is not null && !asked.Switches.ContainsKey(ChangesBy))
        ? null
        : Switches.Aggregate(Question, (text, known) => text.Replace($"{{{known.Name}}}", asked.Text(known) ?? Unsaid, StringComparison.Ordinal));
}
