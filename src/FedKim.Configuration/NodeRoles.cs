namespace FedKim.Configuration;

/// <summary>What a node can be.</summary>
public static class NodeRoles
{
    /// <summary>Coordinates the federation and serves the weights; votes on membership.</summary>
    public const string Server = "server";

    /// <summary>Owns the foundation model and its accelerator.</summary>
    public const string Injector = "injector";

    /// <summary>Trains on its own data.</summary>
    public const string Hospital = "hospital";

    /// <summary>Every role, in ordinal order.</summary>
    public static IReadOnlyList<string> All { get; } = [Hospital, Injector, Server];
}
