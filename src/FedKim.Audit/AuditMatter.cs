namespace FedKim.Audit;

/// <summary>What something was done with.</summary>
public enum AuditMatter
{
    /// <summary>The node itself.</summary>
    Node,

    /// <summary>A federation: begun, stopped, resumed or removed.</summary>
    Federation,

    /// <summary>A command of somebody on this machine.</summary>
    Command,

    /// <summary>A connection, before anything was said on it.</summary>
    Connection,

    /// <summary>A site's line to a server, or this site's own.</summary>
    Line,

    /// <summary>A member of the servers' cluster.</summary>
    Member,

    /// <summary>An order of a server.</summary>
    Order,

    /// <summary>A plan that a site was asked to train for, or what its people said of it.</summary>
    Plan,

    /// <summary>A model's parameters, or a part of them.</summary>
    Model,

    /// <summary>A site's update of a model's parameters in one round.</summary>
    Update,

    /// <summary>This log.</summary>
    Log,
}
