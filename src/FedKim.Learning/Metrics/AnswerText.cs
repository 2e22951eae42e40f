using System.Text.RegularExpressions;

namespace FedKim.Learning.Metrics;

/// <summary>Answers in words, as they are compared: small letters, single spaces, without "Answer:" before them and punctuation around them.</summary>
public static partial class AnswerText
{
    /// <summary>An answer in the form that is compared.</summary>
    public static string Normal(string answer)
    {
        string text = Spaces().Replace(answer.ToLowerInvariant(), " ").Trim();
        if (text.StartsWith("answer:", StringComparison.Ordinal))
            text = text["answer:".Length..];
        return text.Trim([' ', '.', ',', ';', ':', '!', '?', '"', '\'']);
    }

    /// <summary>Whether a reference answers a question of yes or no.</summary>
    public static bool IsYesOrNo(string reference) => Normal(reference) is "yes" or "no";

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
