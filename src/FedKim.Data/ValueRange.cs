namespace FedKim.Data;

/// <summary>How far values reach.</summary>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
public readonly record struct ValueRange(double Least, double Most)
{
    /// <summary>The range with one more value in it.</summary>
    internal ValueRange With(double value) => new(Math.Min(Least, value), Math.Max(Most, value));

    /// <summary>The range of no value yet.</summary>
    internal static ValueRange None => new(double.PositiveInfinity, double.NegativeInfinity);
}
