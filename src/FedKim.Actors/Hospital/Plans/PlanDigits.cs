namespace FedKim.Actors.Hospital.Plans;

/// <summary>A plan's digest as a person writes it: all of it, or its first digits.</summary>
public static class PlanDigits
{
    /// <summary>The fewest digits that mean a plan: as many as a list of plans shows.</summary>
    public const int Least = 12;

    /// <summary>The digits of a whole digest.</summary>
    public const int All = 64;

    /// <summary>Whether the text can be a plan's digest, or the beginning of one.</summary>
    public static bool Are(string text) => text.Length is >= Least and <= All && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether the text is a whole digest, and so no federation's name.</summary>
    public static bool AreWhole(string text) => text.Length == All && Are(text);
}
