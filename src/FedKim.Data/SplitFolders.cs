namespace FedKim.Data;

/// <summary>Where the server keeps its splits, beside the hospitals' folders.</summary>
public static class SplitFolders
{
    extension(Split split)
    {
        /// <summary>The split's folder; the private data are the hospitals', and in none of the server's.</summary>
        public string ServerFolder => split switch
        {
            Split.Public => "server/public",
            Split.Development => "server/development",
            Split.Test => "server/test",
            _ => throw new ArgumentOutOfRangeException(nameof(split), split, "The server has no folder of this split."),
        };
    }
}
