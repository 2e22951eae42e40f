namespace FedKim.Launch.Progress;

/// <summary>Shows a federation to whoever started it: lines in a file or pipe, a live table on a terminal.</summary>
public interface IProgressView : IAsyncDisposable
{
    /// <summary>Shows the latest look at the server; null when it did not answer.</summary>
    void Show(Snapshot? snapshot);

    /// <summary>Says something that is no part of the server's state.</summary>
    void Say(string line);
}
