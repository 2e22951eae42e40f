namespace FedKim.Actors.Leases;

/// <summary>One time that a lease is held, from its acquisition to its release or loss.</summary>
/// <param name="version">The row's version, which no other hold of this lease has.</param>
/// <param name="since">The clock's timestamp from before the acquisition began.</param>
/// <param name="lasts">How long it is good for without a renewal.</param>
/// <param name="clock">A clock that only runs forward.</param>
/// <param name="lost">Told once, why, when it is lost.</param>
/// <param name="end">Cancelled when nobody needs it any more.</param>
internal sealed class LeaseHold(long version, long since, TimeSpan lasts, TimeProvider clock, Action<Exception> lost, CancellationToken end) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(end);
    private long _since = since;

    public long Version => version;

    /// <summary>How long it is still good for; the database's row lasts a little longer.</summary>
    public TimeSpan Left => lasts - clock.GetElapsedTime(Interlocked.Read(ref _since));

    /// <summary>Cancelled with its end.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Notes a renewal.</summary>
    /// <param name="began">The clock's timestamp from before it began.</param>
    public void Renewed(long began) => Interlocked.Exchange(ref _since, began);

    public void Lost(Exception why) => lost(why);

    public void Dispose() => _stop.Cancel();
}
