namespace FedKim.Rounds;

/// <summary>The SHA-256 of a file's bytes, and thereby its name in every store.</summary>
/// <param name="Hex">64 lower-case hexadecimal digits.</param>
public readonly record struct Digest(string Hex)
{
    /// <summary>The digest written as <paramref name="text"/>.</summary>
    /// <exception cref="FormatException">The text is not 64 lower-case hexadecimal digits.</exception>
    public static Digest Parse(string text) => TryParse(text, out var digest)
        ? digest
        : throw new FormatException($"'{text}' is not a SHA-256 digest: expected 64 lower-case hexadecimal digits.");

    /// <summary>True, and the digest, when <paramref name="text"/> is one.</summary>
    public static bool TryParse(string? text, out Digest digest)
    {
        bool valid = text is { Length: 64 } && text.All(c => c is >= '0' and <= '9' or >= 'a' and <= 'f');
        digest = valid ? new Digest(text!) : default;
        return valid;
    }

    /// <summary>The digest of 32 hash bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> hash) => new(Convert.ToHexStringLower(hash));

    /// <summary>The first 12 digits, for people.</summary>
    public string Short => Hex[..12];

    /// <inheritdoc/>
    public override string ToString() => Hex;
}
