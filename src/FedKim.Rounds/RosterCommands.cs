namespace FedKim.Rounds;

/// <summary>Marks what changes who takes part.</summary>
public interface IRosterCommand : IFederationCommand
{
    /// <summary>Whom it is about.</summary>
    ClientId Site { get; }
}

/// <summary>What changes who takes part in the federation that runs. Every command is idempotent: saying it twice changes nothing.</summary>
public static class RosterCommands
{
    /// <summary>A site is here. Where whoever is certified may take part, it does from now on.</summary>
    public sealed record Join(ClientId Site) : IRosterCommand;

    /// <summary>Ask a site no more once its round is over.</summary>
    public sealed record Drain(ClientId Site) : IRosterCommand;

    /// <summary>Ask a site again that was drained or excluded.</summary>
    public sealed record Return(ClientId Site) : IRosterCommand;

    /// <summary>Take nothing more of a site, in the open round either.</summary>
    public sealed record Exclude(ClientId Site) : IRosterCommand;
}
