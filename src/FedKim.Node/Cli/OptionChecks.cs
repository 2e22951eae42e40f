using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FedKim.Node.Cli;

/// <summary>Checks of what options are given.</summary>
internal static class OptionChecks
{
    /// <summary>An option with a number. No thousands are set apart: 0,8 is an error, and not 8.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is for.</param>
    public static Option<double?> Number(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens.Single().Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                return value;
            result.AddError($"{name} is \"{text}\"; it must be a number such as 0.8.");
            return null;
        },
    };

    /// <summary>Refuses values that do not hold.</summary>
    /// <param name="option">The option.</param>
    /// <param name="holds">Whether a value is allowed.</param>
    /// <param name="problem">What is said of one that is not.</param>
    public static void Require<T>(this Option<T> option, Predicate<T?> holds, string problem) => option.Validators.Add(result => Typed(() =>
    {
        if (!holds(result.GetValueOrDefault<T>()))
            result.AddError(problem);
    }));

    /// <summary>Checks options against each other.</summary>
    /// <param name="command">The command.</param>
    /// <param name="check">Adds errors to the result.</param>
    public static void Check(this Command command, Action<CommandResult> check) => command.Validators.Add(result => Typed(() => check(result)));

    private static void Typed(Action check)
    {
        try
        {
            check();
        }
        catch (InvalidOperationException)
        {
            // No value of the option's type: the parser says so itself, but asks the checks all the same.
        }
    }
}
