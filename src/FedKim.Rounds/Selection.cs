namespace FedKim.Rounds;

/// <summary>Which of those who take part are asked in a round.</summary>
/// <param name="Fraction">What share of them, above 0 to 1; rounded up.</param>
/// <param name="ByData">Whether a site is drawn with a probability by its samples; else all are as likely.</param>
public sealed record Selection(double Fraction, bool ByData = false)
{
    /// <summary>All of them, in every round.</summary>
    public static Selection All { get; } = new(1);

    /// <summary>How many of so many are asked; never fewer than the quorum, where there are so many.</summary>
    public int Of(int sites, int quorum) => Math.Min(sites, Math.Max(quorum, (int)Math.Ceiling((Fraction * sites) - Rounding)));

    // 30 % of ten is three, whatever a double makes of it.
    private const double Rounding = 1e-9;
}
