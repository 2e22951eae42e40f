using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using Akka.Event;
using FedKim.Actors.Journals;

namespace FedKim.Actors.Leases;

/// <summary>
/// A lease in the journal's database, for <c>akka.cluster.singleton.use-lease</c> and the <c>lease-majority</c> of the split-brain resolver;
/// configured by <c>hocon/lease.conf</c>. It is held while the database confirms it every <c>heartbeat-interval</c>, and lost as soon as
/// <c>heartbeat-timeout</c> has passed since the last confirmed request was sent: before the database gives it to another.
/// </summary>
public sealed class SqlLease : Lease
{
    private readonly LeaseTable _table;
    private readonly LeaseOwner _owner;
    private readonly ActorSystem _system;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private LeaseHold? _hold;
    private long _last;

    /// <summary>Called by Akka.</summary>
    /// <param name="settings">Name, owner, times, and the section with <c>provider</c> and <c>connection-string</c>.</param>
    /// <param name="system">Renewal ends with it.</param>
    /// <exception cref="ConfigurationException">The section lacks the database.</exception>
    public SqlLease(LeaseSettings settings, ExtendedActorSystem system) : this(settings, system, TimeProvider.System)
    {
    }

    internal SqlLease(LeaseSettings settings, ActorSystem system, TimeProvider clock) : base(settings)
    {
        string connection = settings.LeaseConfig.GetString("connection-string", "");
        if (connection.Length == 0 || !Enum.TryParse<JournalProvider>(settings.LeaseConfig.GetString("provider", ""), ignoreCase: true, out var provider))
            throw new ConfigurationException($"Lease {settings.LeaseName}: its section lacks provider (sqlite or postgres) or connection-string. Start from hocon/lease.conf.");
        _table = new LeaseTable(provider, connection, clock);
        string id = settings.LeaseConfig.GetString("owner", "");
        _owner = LeaseOwner.Here(id.Length > 0 ? id : settings.OwnerName, settings.OwnerName.Split('@')[^1]);
        _system = system;
        _clock = clock;
        _log = Logging.GetLogger(system, this);
        system.WhenTerminated.ContinueWith(_ => _end.Cancel(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private string Name => Settings.LeaseName;

    private TimeSpan Lasts => Settings.TimeoutSettings.HeartbeatTimeout;

    /// <summary>Whether it is held; true to the moment, even right after this process stood still for longer than the lease lasts.</summary>
    public override bool CheckLease() => Volatile.Read(ref _hold) is { } hold && hold.Left > TimeSpan.Zero;

    /// <inheritdoc/>
    public override Task<bool> Acquire() => Acquire(_ => { });

    /// <summary>Takes the lease unless another holds it. Who holds it already takes it anew.</summary>
    /// <param name="leaseLostCallback">Told why, once, when it is lost; not when it is released.</param>
    /// <exception cref="LeaseException">The database does not answer; whether it is held shows the next attempt.</exception>
    public override async Task<bool> Acquire(Action<Exception> leaseLostCallback)
    {
        long began = _clock.GetTimestamp();
        var (version, holder) = await InTurn(Ask, Settings.TimeoutSettings.OperationTimeout);
        if (version is null)
        {
            if (Volatile.Read(ref _hold) is { } gone)
                Lose(gone, new LeaseException($"Lease {Name} is another's now."));
            if (holder is not null)
                _system.EventStream.Publish(new LeaseNews.Refused(Name, holder));
            return false;
        }
        // Others keep theirs without a word; of who leads, every actor system's events stand in one stretch of the journal.
        if (Interlocked.Read(ref _last) is > 0 and var last && version != last && Name == ServerLease.Name)
        {
            await InTurn(cancel => _table.Release(Name, version.Value, cancel), Settings.TimeoutSettings.OperationTimeout);
            _system.EventStream.Publish(new LeaseNews.HeldBetween(Name));
            return false;
        }
        Interlocked.Exchange(ref _last, version.Value);
        var hold = new LeaseHold(version.Value, began, Lasts, _clock, leaseLostCallback, _end.Token);
        Interlocked.Exchange(ref _hold, hold)?.Dispose();
        _ = Keep(hold);
        return true;

        async Task<(long? Version, LeaseOwner? Holder)> Ask(CancellationToken cancel)
        {
            long? taken = await _table.Acquire(Name, _owner with { Since = _clock.GetUtcNow() }, Lasts, cancel);
            return (taken, taken is null ? await _table.Holder(Name, cancel) : null);
        }
    }

    /// <summary>Gives the lease back, so that another need not wait until it is over.</summary>
    /// <returns>True when it is not held any more.</returns>
    /// <exception cref="LeaseException">The database does not answer. Here the lease has ended all the same; there it ends by itself.</exception>
    public override async Task<bool> Release()
    {
        if (Interlocked.Exchange(ref _hold, null) is { } hold)
        {
            hold.Dispose();
            await InTurn(cancel => _table.Release(Name, hold.Version, cancel), Settings.TimeoutSettings.OperationTimeout);
        }
        return true;
    }

    private async Task Keep(LeaseHold hold)
    {
        Exception? trouble = null;
        try
        {
            while (hold.Left is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(Least(Settings.TimeoutSettings.HeartbeatInterval, left), _clock, hold.Stopped);
                long began = _clock.GetTimestamp();
                if (hold.Left <= TimeSpan.Zero)
                    break;
                try
                {
                    if (!await InTurn(cancel => _table.Renew(Name, hold.Version, Lasts, cancel), Least(Settings.TimeoutSettings.OperationTimeout, hold.Left)))
                    {
                        Lose(hold, new LeaseException($"Lease {Name} is another's now."));
                        return;
                    }
                    if (trouble is not null)
                        _log.Info("Lease {0} is renewed again", Name);
                    trouble = null;
                    // What was over before the answer came stays over.
                    if (hold.Left > TimeSpan.Zero)
                        hold.Renewed(began);
                }
                catch (LeaseException e)
                {
                    if (trouble is null)
                        _log.Warning("Lease {0} is not renewed and will be lost in {1} s: {2}", Name, Math.Ceiling(hold.Left.TotalSeconds), e.Message);
                    trouble = e;
                }
            }
            Lose(hold, new LeaseTimeoutException($"Lease {Name} was not renewed for {Lasts.TotalSeconds} s.", trouble));
        }
        catch (OperationCanceledException)
        {
            // Released, taken anew, or the actor system has ended.
        }
    }

    private void Lose(LeaseHold hold, Exception why)
    {
        if (Interlocked.CompareExchange(ref _hold, null, hold) != hold)
            return;
        hold.Dispose();
        _log.Warning("{0}", why.Message);
        try
        {
            hold.Lost(why);
        }
        catch (Exception e)
        {
            _log.Error(e, "Lease {0}: who held it could not be told of its loss", Name);
        }
    }

    /// <summary>
    /// One request after another, so that one given up here cannot undo in the database what a later one did. A request that takes too
    /// long is given up, and goes on until the driver gives it up too.
    /// </summary>
    private async Task<T> InTurn<T>(Func<CancellationToken, Task<T>> request, TimeSpan limit)
    {
        var work = Run();
        try
        {
            return await work.WaitAsync(limit, _clock);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _ = work.ContinueWith(late => _log.Debug("Lease {0}: {1}", Name, late.Exception?.InnerException?.Message), CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new LeaseTimeoutException($"Lease {Name}: the database did not answer within {limit.TotalSeconds:0.#} s.", e);
        }
        catch (Exception e)
        {
            throw new LeaseException($"Lease {Name}: {e.Message}", e);
        }

        async Task<T> Run()
        {
            using var cancel = new CancellationTokenSource(limit, _clock);
            await _turn.WaitAsync(cancel.Token);
            try
            {
                return await request(cancel.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
