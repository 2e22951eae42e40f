namespace FedKim.Models;

/// <summary>On which machines the same computation is to give the same bits, as a setting says it.</summary>
public static class TorchBits
{
    /// <summary>On this one, again and again: what torch and its libraries choose for this processor.</summary>
    public const string ThisMachine = "this-machine";

    /// <summary>On every processor with AVX2: instructions are AVX2's whatever else there is, and products are made by the one path that MKL has for all makers.</summary>
    public const string SameEverywhere = "same-everywhere";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [ThisMachine, SameEverywhere];
}
