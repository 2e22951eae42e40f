using FedKim.Actors.Journals;

namespace FedKim.Actors.Leases;

/// <summary>
/// The lease of the server that leads, outside of any cluster: who holds it may begin one. Once the federation's actor runs in it, Akka keeps
/// the same lease by <see cref="SqlLease"/>.
/// </summary>
/// <param name="journal">The servers' journal; one in memory has no lease, and its only server always may.</param>
/// <param name="self">This server.</param>
/// <param name="lasts">How long it is good for without a renewal.</param>
/// <param name="clock">The only source of time.</param>
public sealed class ServerLease(Journal journal, LeaseOwner self, TimeSpan lasts, TimeProvider clock)
{
    /// <summary>The row's name, which Akka makes of where the singleton is.</summary>
    public const string Name = $"{ActorConfiguration.System}-singleton-akka://{ActorConfiguration.System}/user/{ActorConfiguration.Singleton}";

    private readonly LeaseTable? _table = journal.Provider == JournalProvider.Memory ? null : new LeaseTable(journal.Provider, journal.Connection, clock);

    /// <summary>Takes it unless another holds it.</summary>
    /// <returns>The other; null when it is this server's now.</returns>
    /// <exception cref="JournalException">The database cannot be reached or used.</exception>
    public Task<LeaseOwner?> Take(CancellationToken cancel = default) => Ask<LeaseOwner>(async table =>
    {
        LeaseOwner? other = null;
        while (other is null && await table.Acquire(Name, self with { Since = clock.GetUtcNow() }, lasts, cancel) is null)
            other = await table.Holder(Name, cancel);
        return other;
    });

    /// <summary>Who holds it now; null when nobody does.</summary>
    /// <exception cref="JournalException">The database cannot be reached or used.</exception>
    public Task<LeaseOwner?> Holder(CancellationToken cancel = default) => Ask<LeaseOwner>(table => table.Holder(Name, cancel));

    /// <summary>Gives it back, whichever part of this process holds it.</summary>
    /// <exception cref="JournalException">The database cannot be reached or used.</exception>
    public Task GiveBack(CancellationToken cancel = default) => Ask<object>(async table =>
    {
        await table.GiveBack(Name, self, cancel);
        return null;
    });

    /// <summary>When it was renewed last, as the database says it; another text means that whoever holds it lives.</summary>
    /// <exception cref="JournalException">The database cannot be reached or used.</exception>
    public async Task<string> Renewed(CancellationToken cancel = default) => await Ask<string>(async table => await table.Renewed(Name, cancel)) ?? "";

    private async Task<T?> Ask<T>(Func<LeaseTable, Task<T?>> question) where T : class
    {
        try
        {
            return _table is null ? null : await question(_table);
        }
        catch (Exception e) when (JournalException.IsOfDatabase(e))
        {
            throw JournalException.Of(journal, e);
        }
    }
}
