namespace FedKim.Data;

/// <summary>The four parts of a task's data, 7:1:1:1 (method of arXiv 2408.10276, §4.1).</summary>
public enum Split
{
    /// <summary>Stays at the hospitals.</summary>
    Private,

    /// <summary>The server's, to inject with.</summary>
    Public,

    /// <summary>The server's, to choose settings by.</summary>
    Development,

    /// <summary>The server's, to measure with; never trained on.</summary>
    Test,
}
