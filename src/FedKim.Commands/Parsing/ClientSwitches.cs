using System.Globalization;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Parsing;

/// <summary>What every command can be given beside its own switches; a command's own of the same name goes before.</summary>
/// <param name="Json">Answers in JSON.</param>
/// <param name="Wide">Shows every field, and every value whole.</param>
/// <param name="Yes">Does not ask before something is changed.</param>
/// <param name="Watch">How often it is asked again; null for once.</param>
public sealed record ClientSwitches(bool Json = false, bool Wide = false, bool Yes = false, TimeSpan? Watch = null)
{
    private const double UsualSeconds = 2, LeastSeconds = 0.1, MostSeconds = 86_400;

    /// <summary>Their long names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["json", "output", "yes", "watch"];

    /// <summary>What <c>-o</c> takes.</summary>
    internal static IReadOnlyList<string> Forms { get; } = ["table", "wide", "json"];

    /// <summary>Those that go with a command, as they are written.</summary>
    internal static IEnumerable<string> Of(CommandDefinition command)
    {
        yield return "--json";
        if (command.Answer is AnswerShape.Rows or AnswerShape.Item)
            yield return "--output";
        if (command.Question is not null)
            yield return "--yes";
        else if (command.Answer != AnswerShape.Stream)
            yield return "--watch";
    }

    /// <summary>Whether a switch is one of them.</summary>
    /// <param name="name">Without its dashes.</param>
    internal static bool Knows(string name) => name is "o" or "y" || Names.Contains(name);

    /// <summary>These with one more; null where it is none of them.</summary>
    /// <param name="path">The command, for errors.</param>
    /// <param name="name">The switch's name, without its dashes.</param>
    /// <param name="value">Its value, where it was written with one.</param>
    /// <param name="next">The next word, where that is no switch.</param>
    /// <param name="took">Whether that was the value.</param>
    /// <exception cref="CommandException">The value is none that it takes.</exception>
    internal ClientSwitches? With(string path, string name, string? value, string? next, out bool took)
    {
        took = false;
        switch (name)
        {
            case "json" or "yes" or "y" when value is not null:
                throw new CommandException(CommandFault.Usage, $"{path}: --{name} takes no value.");
            case "json":
                return this with { Json = true };
            case "yes" or "y":
                return this with { Yes = true };
            case "o" or "output":
                took = value is null && next is not null;
                return (value ?? next) switch
                {
                    "json" => this with { Json = true },
                    "wide" => this with { Wide = true },
                    "table" => this,
                    null => throw new CommandException(CommandFault.Usage, $"{path}: -o needs a value: {string.Join(", ", Forms)}."),
                    var other => throw PaletteSet.Unknown($"form of output '{other}'", other, Forms, $"help {path}"),
                };
            case "watch":
                took = value is null && next is not null;
                return this with { Watch = Seconds(path, value ?? next) };
            default:
                return null;
        }
    }

    /// <summary>Whether they go with the command.</summary>
    /// <exception cref="CommandException">They do not.</exception>
    internal void Check(string path, CommandDefinition definition)
    {
        if (Watch is null)
            return;
        if (definition.Answer == AnswerShape.Stream)
            throw new CommandException(CommandFault.Usage, $"{path} goes on by itself: leave --watch out.");
        if (definition.Question is not null)
            throw new CommandException(CommandFault.Usage, $"{path} changes something, and is not said again and again: leave --watch out.");
    }

    private static TimeSpan Seconds(string path, string? text)
    {
        if (text is null)
            return TimeSpan.FromSeconds(UsualSeconds);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is >= LeastSeconds and <= MostSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new CommandException(CommandFault.Usage, $"{path}: --watch wants seconds, such as 2, not '{text}'.");
    }
}
