namespace FedKim.Commands.Host;

/// <summary>Who gives a command: an account of this machine.</summary>
/// <param name="Account">Its name, or its number where it has none.</param>
/// <param name="IsObeyed">Whether the node obeys it.</param>
public sealed record Caller(string Account, bool IsObeyed)
{
    private static readonly AsyncLocal<Caller?> Asking = new();

    /// <summary>Whose command is being answered; null outside of a command's answer.</summary>
    public static Caller? Now
    {
        get => Asking.Value;
        internal set => Asking.Value = value;
    }
}
