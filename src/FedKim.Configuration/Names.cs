using System.Text.RegularExpressions;

namespace FedKim.Configuration;

/// <summary>How sites and federations may be called.</summary>
public static partial class Names
{
    /// <summary>The rule, to go on after a name in an error.</summary>
    public const string Rule = "names are 1 to 63 lower-case letters, digits and hyphens, and start and end with a letter or digit";

    /// <summary>Whether a name keeps the rule.</summary>
    public static bool IsValid(string name) => Valid().IsMatch(name);

    [GeneratedRegex("^(?=.{1,63}$)[a-z0-9]+(-+[a-z0-9]+)*$")]
    private static partial Regex Valid();
}
