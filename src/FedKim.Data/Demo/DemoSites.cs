namespace FedKim.Data.Demo;

/// <summary>The demonstration's hospitals.</summary>
public static class DemoSites
{
    /// <summary><c>hospital-a</c> for 0, … <c>hospital-z</c>, <c>hospital-aa</c>, …</summary>
    public static string Name(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        string letters = "";
        for (int rest = index + 1; rest > 0; rest = (rest - 1) / 26)
            letters = (char)('a' + ((rest - 1) % 26)) + letters;
        return "hospital-" + letters;
    }
}
