namespace FedKim.Rounds;

/// <summary>Marks what changes who takes part.</summary>
public interface IRosterCommand : IFederationCommand
{
    /// <summary>Whom it is about.</summary>
    ClientId Site { get; }

    /// <summary>In which federation; null for the one that its site has to do with (<see cref="Rounds.Federation.Home"/>).</summary>
    FederationId? Federation => null;
}

/// <summary>What changes who takes part in a federation that runs, or can be resumed. Every command is idempotent: saying it twice changes nothing.</summary>
public static class RosterCommands
{
    /// <summary>A site is here. Where whoever is certified may take part, it does from now on.</summary>
    public sealed record Join(ClientId Site) : IRosterCommand;

    /// <summary>Ask a site no more once its round is over.</summary>
    public sealed record Drain(ClientId Site, FederationId? Federation = null) : IRosterCommand;

    /// <summary>Ask a site again that was drained or excluded.</summary>
    public sealed record Return(ClientId Site, FederationId? Federation = null) : IRosterCommand;

    /// <summary>Take nothing more of a site, in the open round either.</summary>
    public sealed record Exclude(ClientId Site, FederationId? Federation = null) : IRosterCommand;
}
