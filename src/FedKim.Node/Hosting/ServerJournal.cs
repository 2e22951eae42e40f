using System.Data.Common;
using FedKim.Actors.Journals;
using FedKim.Actors.Leases;
using FedKim.Actors.Repair;
using FedKim.Configuration;
using FedKim.Rounds;
using FedKim.Transfer;
using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>
/// A server's journal before and after its actors work with it: waited for, made ready, compared with what this node has seen of it, and closed.
/// The only server holds its lease meanwhile.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="journal">Its journal.</param>
/// <param name="lease">The lease of who leads.</param>
/// <param name="store">The server's weights.</param>
/// <param name="spool">The updates of open rounds.</param>
/// <param name="log">The node's log.</param>
internal sealed class ServerJournal(NodeConfiguration node, Journal journal, ServerLease lease, WeightStore store, Spool spool, ILogger log)
{
    private static readonly TimeSpan AskJournalAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskLeaseAgain = TimeSpan.FromMilliseconds(250);

    private bool InMemory => journal.Provider == JournalProvider.Memory;

    /// <summary>Makes it ready. After a power cut the database may take longer to start than this node: what passes is waited for.</summary>
    /// <exception cref="InvalidConfigurationException">It is damaged, another's, or not what this node has seen: what does not pass.</exception>
    public async Task PrepareAsync(CancellationToken stop)
    {
        bool ready = InMemory;
        while (!ready && !stop.IsCancellationRequested)
        {
            try
            {
                var state = await JournalSchema.PrepareAsync(journal, node.CreateJournal, stop);
                if (node.Servers == 1)
                    await Claim(stop);
                Remember(await CheckAsync(stop));
                log.Information("Journal in {Journal:l}: {Events} events", journal.Place, state.Events);
                ready = true;
            }
            catch (JournalException e) when (e.Passing)
            {
                log.Warning("Journal: {Problem:l} This node waits for it and asks again every {Seconds} s", e.Message, AskJournalAgain.TotalSeconds);
                await Task.Delay(AskJournalAgain, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            catch (JournalException e)
            {
                throw new InvalidConfigurationException([$"{node.File}: fedkim.journal: {e.Message}"]);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // A journal that does not know a federation whose rounds have run would begin it again without a word. One that is an older copy goes on
    // from there: what it lacks is done again, with the same bits.
    private async Task<JournalMark> CheckAsync(CancellationToken stop)
    {
        var head = await JournalHead.ReadAsync(journal, stop);
        var mark = JournalMark.Find(journal.Mark);
        bool knows = mark is null ? head.Federation.Length > 0 : mark.Federation.Length == 0 || await JournalHead.KnowsAsync(journal, mark.Federation, stop);
        if (!knows && (mark is not null || !store.List().IsEmpty || spool.HoldsAny))
        {
            string lacks = mark is null
                ? "it knows of no federation, and this work folder holds a federation's weights or updates"
                : $"it has come to {head}, and this node had seen it at {mark}";
            string remedy = journal.Provider == JournalProvider.Sqlite
                ? "Its events are lost: it was copied or removed without its log journal.db-wal, which belongs to it. Bring both files back, or a backup with: fedkim restore."
                : "Its events are lost. Bring the database back as it was.";
            throw new InvalidConfigurationException(
                [$"{node.File}: fedkim.journal: {journal}: {lacks}. {remedy} To go on from what the journal says, and do again what it lacks: fedkim journal accept {node.File}"]);
        }
        if (mark is null || head.Reaches(mark, _ => true))
            return head;
        log.Warning("{Journal:l} is an older copy: it has come to {Head:l}, and this node had seen it at {Mark:l}. The server goes on from there: what the journal lacks is done again", journal.Place, head, mark);
        return await JournalRepair.GoOnAsync(journal, mark.Epoch, node.Site, TimeProvider.System, stop);
    }

    private void Remember(JournalMark head)
    {
        try
        {
            head.Write(journal.Mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Warning("A journal that loses events would not be noticed: {File:l} cannot be written: {Problem:l}", journal.Mark, e.Message);
        }
    }

    /// <summary>Folds the log into the file, so that a copy of that is whole.</summary>
    public void Close()
    {
        try
        {
            JournalFile.Close(journal);
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            log.Warning("{Journal:l}: its log journal.db-wal was not folded into it, and belongs to it wherever it is copied: {Problem:l}", journal.Place, e.Message);
        }
    }

    // The only server takes its lease before anything is read or written. Another that renews it lives; one that died a moment ago seems to hold
    // it until its time is over.
    private async Task Claim(CancellationToken stop)
    {
        string renewed = "";
        while (await lease.Take(stop) is { } holder)
        {
            string now = await lease.Renewed(stop);
            if (renewed.Length > 0 && now != renewed)
                throw HeldBy(holder);
            if (renewed.Length == 0)
                log.Warning("{Holder:l} holds this server's lease; it is taken as soon as that one lets it lapse", holder.Description);
            renewed = now;
            await Task.Delay(AskLeaseAgain, stop);
        }
    }

    /// <summary>Gives the lease back: whoever comes next, on this journal or to mend it, need not wait until it is over.</summary>
    public async Task GiveLeaseBack()
    {
        try
        {
            // A lock that another server holds, and it may be frozen, keeps nobody here: SQLite waits on the thread that asks.
            await Task.Run(() => lease.GiveBack()).WaitAsync(EndWithin, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            log.Debug("The lease ends by itself: the journal is locked");
        }
        catch (JournalException e)
        {
            log.Debug("The lease ends by itself: {Problem:l}", e.Message);
        }
    }

    /// <summary>Why this server ends: another holds the lease.</summary>
    public InvalidConfigurationException HeldBy(LeaseOwner holder) => new(
        [$"{node.File}: fedkim.journal is {journal.Place}, and {holder.Description} works with it. Of two servers only one may write a journal: end that one, give this one a journal of its own, or set fedkim.cluster.servers to their number in every node's file."]);

    /// <summary>The weights that the server goes on from; none where that cannot be read now.</summary>
    public async Task<IEnumerable<Digest>> CurrentAsync(CancellationToken ending)
    {
        try
        {
            return InMemory ? [] : (await JournalNeeds.ReadAsync(journal, ending)).Current;
        }
        catch (Exception e) when (e is JournalException or OperationCanceledException)
        {
            log.Debug("What the server goes on from is checked when it is needed: {Problem:l}", e.Message);
            return [];
        }
    }
}
