namespace FedKim.Certificates;

/// <summary>What a peer may want of a server.</summary>
public enum Deed
{
    /// <summary>Fetch a model.</summary>
    FetchModel,

    /// <summary>Bring a model: one that the injector made, or one that a server has lost.</summary>
    BringModel,

    /// <summary>Bring an update to an open round.</summary>
    BringUpdate,

    /// <summary>Speak for a hospital.</summary>
    Contribute,

    /// <summary>Give the commands that ask what is, at a server's door. Hospitals ask over their own links, of what concerns them.</summary>
    Ask,

    /// <summary>Change what is: begin, cancel, stop, resume or remove a federation.</summary>
    Change,
}
