namespace FedKim.Commands.Host;

/// <summary>Who gives a command: an account of this machine, or somebody elsewhere who has shown a certificate.</summary>
/// <param name="Account">The account's name, or its number where it has none; the certificate's name of whoever is elsewhere.</param>
/// <param name="IsObeyed">Whether the node answers it.</param>
public sealed record Caller(string Account, bool IsObeyed)
{
    /// <summary>Whether it is on this machine.</summary>
    public bool IsHere { get; init; } = true;

    /// <summary>Whether it may change something, too.</summary>
    public bool MayChange { get; init; } = true;

    /// <summary>Who it is, for the audit log.</summary>
    public string Shown => IsHere ? $"account {Account}" : Account;

    private static readonly AsyncLocal<Caller?> Asking = new();

    /// <summary>What follows, in this flow of control, is asked by this one.</summary>
    public void Asks() => Asking.Value = this;

    /// <summary>Whose command is being answered; null outside of a command's answer.</summary>
    public static Caller? Now => Asking.Value;
}
