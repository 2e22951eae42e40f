namespace FedKim.Node.Up;

/// <summary>Nodes of a federation on one machine that are no hospital.</summary>
internal static class SiteNames
{
    public const string Server = "server";
    public const string Injector = "injector";
}
