namespace FedKim.Rounds;

/// <summary>The numbers of coordinators, one after another. Whoever says one believes it; whoever hears one asks here first.</summary>
public static class Epochs
{
    /// <summary>The latest there can be: a federation that took over every second would be here in thirty years.</summary>
    public const int Most = 1_000_000_000;

    /// <summary>Whether this can be one; 0 stands for none yet. A larger one, once believed, would make its hearer deaf to every coordinator to come.</summary>
    public static bool IsOne(int epoch) => epoch is >= 0 and <= Most;
}
