namespace FedKim.Actors.Journals;

/// <summary>What a journal's database holds.</summary>
/// <param name="Schema">Version of its tables: 0 when Akka.Persistence.Sql made them by itself, null when there are none.</param>
/// <param name="Events">Events stored.</param>
/// <param name="Federations">Federations submitted so far.</param>
/// <param name="Leases">Leases that somebody holds or held.</param>
public sealed record JournalState(int? Schema, long Events, long Federations, long Leases)
{
    /// <summary>Whether this version of FedKim can work with it as it is.</summary>
    public bool IsCurrent => Schema == JournalSchema.Version;
}
