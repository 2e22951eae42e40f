namespace FedKim.Rounds;

/// <summary>One part of what a <see cref="SeededGenerator"/> is for: a text or a number; both convert by themselves.</summary>
public readonly record struct SeedPart
{
    private SeedPart(string? text, long number) => (Text, Number) = (text, number);

    /// <summary>The text; null when the part is a number.</summary>
    public string? Text { get; }

    /// <summary>The number; 0 when the part is a text.</summary>
    public long Number { get; }

    /// <summary>A text as a part.</summary>
    public static implicit operator SeedPart(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text, 0);
    }

    /// <summary>A number as a part.</summary>
    public static implicit operator SeedPart(long number) => new(null, number);
}
