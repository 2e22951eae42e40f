using System.Globalization;

namespace FedKim.Experiments;

/// <summary>A model beside a rival on the same samples of the same patients.</summary>
/// <param name="Against">The rival, as a sentence calls it.</param>
/// <param name="Difference">The model's rate less the rival's, the mean over the seeds.</param>
/// <param name="Low">Lower end of the interval of the difference.</param>
/// <param name="High">Upper end.</param>
/// <param name="LessIsBetter">Whether less of the rate is better.</param>
public sealed record Comparison(string Against, double Difference, double Low, double High, bool LessIsBetter = false)
{
    /// <summary>What <see cref="Word"/> says where the interval lies on the better side of 0.</summary>
    public const string Helps = "helps";

    /// <summary>What it says where the interval has 0 in it.</summary>
    public const string NotShown = "no difference shown";

    /// <summary>What it says where it lies on the worse side.</summary>
    public const string Hurts = "hurts";

    /// <summary>What is shown.</summary>
    public string Word => (Low > 0, High < 0) switch
    {
        (false, false) => NotShown,
        (var above, _) => above == LessIsBetter ? Hurts : Helps,
    };

    /// <inheritdoc/>
    public override string ToString() => $"against {Against}: {Word}, {Text(Difference)} ({Text(Low)} to {Text(High)})";

    private static string Text(double difference) => difference.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture);
}
