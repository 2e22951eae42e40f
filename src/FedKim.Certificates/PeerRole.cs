namespace FedKim.Certificates;

/// <summary>As what a peer may speak.</summary>
public enum PeerRole
{
    /// <summary>Leads federations and gives orders.</summary>
    Server,

    /// <summary>Injects encoders into the foundation model.</summary>
    Injector,

    /// <summary>Trains on its own data, and speaks for itself alone.</summary>
    Hospital,

    /// <summary>A person or program that may change something by commands.</summary>
    Operator,

    /// <summary>A person or program that may read by commands.</summary>
    Observer,
}
