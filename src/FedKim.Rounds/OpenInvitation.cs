namespace FedKim.Rounds;

/// <summary>Whoever is certified may take part, in a federation that names nobody.</summary>
/// <param name="Least">So many must be here before the first round opens, from 1.</param>
/// <param name="Most">No more than so many take part, at least <paramref name="Least"/>.</param>
public sealed record OpenInvitation(int Least, int Most)
{
    /// <summary>How many may take part where the file does not say.</summary>
    public const int DefaultMost = 1000;
}
