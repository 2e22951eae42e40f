using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Errands;

/// <summary>
/// Work for the server, one piece at a time: what it needs is fetched, it is done on a thread of its own, its result is sent, and said until
/// the server has heard. Whatever hinders it shows and is tried again; every step may be done twice, so that after a crash the same order
/// leads to the same result. What is asked and answered, each of those who work says for itself.
/// </summary>
/// <typeparam name="TWork">What is asked for; equal where the same is.</typeparam>
/// <typeparam name="TResult">What is made of it.</typeparam>
internal abstract class ErrandActor<TWork, TResult> : ReceiveActor, IWithTimers
    where TWork : class
    where TResult : class
{
    protected static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HelloEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(200);
    private const string Again = "again";

    private readonly WeightRoute _route;
    private readonly string _place;
    private readonly CancellationToken _stopping;

    /// <param name="store">The node's own copies of models.</param>
    /// <param name="route">How the servers' weights are reached.</param>
    /// <param name="place">Where the node keeps its files, in words.</param>
    /// <param name="stopping">Ends work when the node stops, at its last checkpoint.</param>
    protected ErrandActor(WeightStore store, WeightRoute route, string place, CancellationToken stopping)
    {
        (Store, _route, _place, _stopping) = (store, route, place, stopping);
        Epoch = new LatestEpoch(Log, Context.System.EventStream.Publish);
        Receive<SayHello>(_ => Hello());
        Receive<GetActivity>(_ => Sender.Tell(Shown()));
        Receive<Fetched>(m => DuringTransfer(m.Transfer, e => Arrive(e, m.Files)));
        Receive<Sent>(m => DuringTransfer(m.Transfer, e => Deliver(e, m.Bytes)));
        Receive<Moved>(m => DuringTransfer(m.Transfer, e => e.MovesOn(m.Bytes)));
        Receive<Hindered>(m => DuringTransfer(m.Transfer, e =>
        {
            if (e.Problem != e.Told(m.Reason))
                Warn(e.Work, m.Problem);
            e.Hinder(m.Reason);
        }));
        Receive<TransferBroke>(m => DuringTransfer(m.Transfer, e => Retry(e, m.Cause)));
        Receive<TryAgain>(m => During(m.Errand, Continue));
        Receive<WorkerMessages.Progressed>(m => During(m.Errand, e => e.Saw(m.Progress)));
        Receive<WorkerMessages.Done<TResult>>(m => During(m.Errand, e => Finish(e, m.Result)));
        Receive<WorkerMessages.Broke>(m => During(m.Errand, e => Break(e, m.Cause)));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    protected ILoggingAdapter Log { get; } = Context.GetLogger();

    protected WeightStore Store { get; }

    protected LatestEpoch Epoch { get; }

    /// <summary>What is worked on; null where nothing is.</summary>
    protected Errand<TWork, TResult>? Current { get; private set; }

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer("hello", new SayHello(), TimeSpan.Zero, HelloEvery);

    /// <inheritdoc/>
    protected override void PostStop() => Current?.Cancel.Cancel();

    /// <summary>Tells the server that it is here, and how far it is.</summary>
    protected abstract void Hello();

    /// <summary>The same for whoever asks on this node.</summary>
    protected abstract Activity Shown();

    /// <summary>Says in the node's log what is wrong with the work.</summary>
    protected abstract void Warn(TWork work, string problem);

    /// <summary>New work is there: makes room for it and starts it, with <see cref="Continue"/> at the latest.</summary>
    protected abstract void Begin(Errand<TWork, TResult> errand);

    /// <summary>What the work calls by name.</summary>
    protected abstract IReadOnlySet<string> Told(TWork work, string weights);

    /// <summary>The files that the work needs.</summary>
    protected abstract IEnumerable<Digest> Inputs(TWork work);

    /// <summary>Hands the work to whoever does it, and enters its stage.</summary>
    protected abstract void Do(Errand<TWork, TResult> errand, IReadOnlyDictionary<Digest, WeightFile> inputs);

    /// <summary>Sends the result's files, and returns how many bytes moved.</summary>
    protected abstract Task<long> SendAsync(WeightClient client, TWork work, TResult result, IProgress<long> moved, CancellationToken cancel);

    /// <summary>The result's files lie at the server, the last of them after so many bytes: it is said.</summary>
    protected abstract void Deliver(Errand<TWork, TResult> errand, long bytes);

    /// <summary>The work cannot be done, for a reason that may leave the node: it is said.</summary>
    protected abstract void GiveUp(Errand<TWork, TResult> errand, Exception cause, SiteReason reason);

    /// <summary>Takes up what is asked for; where it is what is worked on already, goes on with that.</summary>
    protected void Follow(TWork work, string weights)
    {
        if (Current is not { } same || !same.Work.Equals(work))
        {
            if (Current is not null)
                LayDown();
            Current = new Errand<TWork, TResult>(work, weights, Told(work, AddressOf(weights)), CancellationTokenSource.CreateLinkedTokenSource(_stopping));
            Begin(Current);
            return;
        }

        bool elsewhere = same.Weights != weights;
        same.Weights = weights;
        if (!same.Stage.IsBehind() && !(elsewhere && same.Stage.Moves()))
            return;
        Timers.Cancel(Again);
        same.Transfer?.Cancel();
        Continue(same);
    }

    /// <summary>Takes the work up where it stands; every step may be done twice.</summary>
    protected virtual void Continue(Errand<TWork, TResult> errand)
    {
        if (errand.Result is null)
            Fetch(errand);
        else
            Send(errand);
    }

    protected void Send(Errand<TWork, TResult> errand)
    {
        errand.Enter(Stage.Sending);
        var (work, result) = (errand.Work, errand.Result!);
        Move(errand, async (client, moved, transfer) => new Sent(transfer, await SendAsync(client, work, result, moved, transfer.Token)));
    }

    protected virtual void Finish(Errand<TWork, TResult> errand, TResult result)
    {
        errand.Result = result;
        errand.MovesOn(errand.Done);
        Send(errand);
    }

    protected virtual void LayDown()
    {
        Timers.Cancel(Again);
        Current?.Cancel.Cancel();
        Current = null;
    }

    /// <summary>Goes on after a pause.</summary>
    protected void GoOnAfter(Errand<TWork, TResult> errand, TimeSpan pause) => Timers.StartSingleTimer(Again, new TryAgain(errand), pause);

    /// <summary>What was to be said again has been heard.</summary>
    protected void Heard() => Timers.Cancel(Again);

    /// <summary>Does something for the errand where that is the one that is worked on. A disk that is full or fails may come right: it is tried again.</summary>
    protected void During(object errand, Action<Errand<TWork, TResult>> then)
    {
        if (Current is not { } current || !ReferenceEquals(current, errand))
            return;
        try
        {
            then(current);
        }
        catch (Exception e) when (SiteFault.FileTroubleOf(e, _place) is not null)
        {
            Rest(current, e);
        }
    }

    /// <summary>Takes what is not needed any more out of use, and frees its space beside the work.</summary>
    protected void Discard(Func<Action> takeOut) =>
        Context.Later(_place, takeOut, problem => Log.Warning("What earlier work left still takes room: {Problem}", problem));

    /// <summary>Reads or writes what the work does not wait for.</summary>
    protected void Beside(Action access)
    {
        try
        {
            access();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Warning("{Place} cannot be read or written now: {Problem}", _place, e.Message);
        }
    }

    // As a client writes it.
    private static string AddressOf(string weights) => Uri.TryCreate(weights, UriKind.Absolute, out var address) ? address.ToString() : weights;

    private void DuringTransfer(CancellationTokenSource transfer, Action<Errand<TWork, TResult>> then)
    {
        if (Current is { } current && ReferenceEquals(current.Transfer, transfer))
            During(current, then);
    }

    private void Fetch(Errand<TWork, TResult> errand)
    {
        errand.Enter(Stage.Fetching);
        Digest[] inputs = [.. Inputs(errand.Work).Distinct()];
        Move(errand, async (client, moved, transfer) =>
        {
            var files = new Dictionary<Digest, WeightFile>();
            foreach (var digest in inputs)
                files[digest] = await client.FetchAsync(digest, moved, transfer.Token);
            return new Fetched(transfer, files);
        });
    }

    private void Arrive(Errand<TWork, TResult> errand, IReadOnlyDictionary<Digest, WeightFile> files)
    {
        errand.Transfer = null;
        Do(errand, files);
    }

    private void Break(Errand<TWork, TResult> errand, Exception cause)
    {
        // What was done stands in the checkpoint; a disk that has no room costs no attempt.
        if (cause is DamagedException damage)
            Replace(errand, damage);
        else if (SiteFault.FileTroubleOf(cause, _place) is not null)
            Rest(errand, cause);
        else
            GiveUp(errand, cause, errand.Told(SiteFault.Of(cause, _place)));
    }

    private void Rest(Errand<TWork, TResult> errand, Exception cause)
    {
        errand.Enter(Stage.Resting);
        Retry(errand, cause);
    }

    private void Retry(Errand<TWork, TResult> errand, Exception cause)
    {
        if (cause is DamagedException damage)
        {
            Replace(errand, damage);
            return;
        }

        var problem = errand.Told(SiteFault.Of(cause, _place));
        if (errand.Problem != problem)
            Warn(errand.Work, $"{cause.Message} while {errand.Stage.Text()}; trying again");
        Log.Debug("{Fault}", cause);
        errand.Hinder(problem);
        GoOnAfter(errand, RetryAfter);
    }

    // What this node's disk did to a file is mended here: what was fetched is fetched again, a result made again with the same bits.
    private void Replace(Errand<TWork, TResult> errand, DamagedException damage)
    {
        Warn(errand.Work, $"{damage.Message}, found while {errand.Stage.Text()}; it is {(errand.Result is null ? "fetched again" : "made again, with the same bits")}");
        Store.Lose(damage.Digest);
        errand.Result = null;
        Fetch(errand);
    }

    private void Move(Errand<TWork, TResult> errand, Func<WeightClient, IProgress<long>, CancellationTokenSource, Task<object>> move)
    {
        var transfer = errand.Transfer = CancellationTokenSource.CreateLinkedTokenSource(errand.Cancel.Token);
        var (self, weights) = (Self, errand.Weights);
        var moved = new Progress(bytes => self.Tell(new Moved(transfer, bytes)));
        Run().PipeTo(self, failure: e => new TransferBroke(transfer, e));

        async Task<object> Run()
        {
            using var client = _route.To(weights, Store, (problem, reason) => self.Tell(new Hindered(transfer, problem, reason)));
            return await move(client, moved, transfer);
        }
    }

    // Told with every piece that moves, it passes on a few a second.
    private sealed class Progress(Action<long> report) : IProgress<long>
    {
        private long _last;

        public void Report(long value)
        {
            if (_last != 0 && Stopwatch.GetElapsedTime(_last) < ReportEvery)
                return;
            _last = Stopwatch.GetTimestamp();
            report(value);
        }
    }

    private sealed record SayHello;

    private sealed record Fetched(CancellationTokenSource Transfer, IReadOnlyDictionary<Digest, WeightFile> Files) : INoSerializationVerificationNeeded;

    private sealed record Sent(CancellationTokenSource Transfer, long Bytes) : INoSerializationVerificationNeeded;

    private sealed record Moved(CancellationTokenSource Transfer, long Bytes) : INoSerializationVerificationNeeded;

    private sealed record Hindered(CancellationTokenSource Transfer, string Problem, SiteReason Reason) : INoSerializationVerificationNeeded;

    private sealed record TransferBroke(CancellationTokenSource Transfer, Exception Cause) : INoSerializationVerificationNeeded;

    private sealed record TryAgain(object Errand) : INoSerializationVerificationNeeded;
}
