using System.CommandLine;

namespace FedKim.Node.Cli;

/// <summary>Checks of what options are given.</summary>
internal static class OptionChecks
{
    /// <summary>Refuses values that do not hold.</summary>
    /// <param name="option">The option.</param>
    /// <param name="holds">Whether a value is allowed.</param>
    /// <param name="problem">What is said of one that is not.</param>
    public static void Require<T>(this Option<T> option, Predicate<T?> holds, string problem) => option.Validators.Add(result =>
    {
        try
        {
            if (!holds(result.GetValueOrDefault<T>())) result.AddError(problem);
        }
        catch (InvalidOperationException)
        {
            // No value of the option's type: the parser says so itself, but asks the checks all the same.
        }
    });
}
