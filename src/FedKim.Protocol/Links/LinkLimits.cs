namespace FedKim.Protocol.Links;

/// <summary>How much a frame, and each thing in it, may hold at most. What is longer is not read; whoever writes cuts words for people.</summary>
public static class LinkLimits
{
    /// <summary>Bytes of a frame: as many as a message between members of a cluster has.</summary>
    public const int FrameBytes = 128_000;

    /// <summary>Characters of a federation's or a site's name.</summary>
    internal const int Name = 63;

    /// <summary>Characters of a short word, such as an activity.</summary>
    internal const int Word = 128;

    /// <summary>Characters of a sentence for people.</summary>
    internal const int Words = 4_000;

    /// <summary>Characters of an address.</summary>
    internal const int Address = 500;

    /// <summary>Characters of a learning plan.</summary>
    internal const int Plan = 100_000;

    /// <summary>Tasks of one contribution.</summary>
    internal const int Tasks = 1_000;
}
