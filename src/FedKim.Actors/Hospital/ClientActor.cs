using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Event;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>
/// One hospital's part in rounds: fetches the model, trains on the site's data, sends the update and keeps it until the round has ended.
/// All it must remember lies in the round's folder, so that after a crash the same request leads to the same update without training twice.
/// </summary>
public sealed class ClientActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan HelloEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private const string Place = "the site's work folder";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ClientId _client;
    private readonly WeightStore _store;
    private readonly WeightRoute _route;
    private readonly string _rounds;
    private readonly IActorRef _server;
    private readonly IActorRef _worker;
    private readonly CancellationToken _stopping;

    private readonly SiteMemory _memory;
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly LatestEpoch _epoch = new(Context.GetLogger());
    private readonly WorkRecord _record;
    private Job? _job;
    private RoundId? _left;
    private string _taken = "";

    /// <param name="client">The site.</param>
    /// <param name="training">Starts the site's training; called on its own thread.</param>
    /// <param name="store">The site's own copies of global models.</param>
    /// <param name="route">How the servers' weights are reached.</param>
    /// <param name="rounds">Folder in which each round has one of its own: checkpoints and the finished update, the outbox.</param>
    /// <param name="server">The way to the federation's actor.</param>
    /// <param name="stopping">Ends training when the node stops, at its last checkpoint.</param>
    public ClientActor(
        ClientId client, Func<ILocalTraining> training, WeightStore store, WeightRoute route, string rounds, IActorRef server, CancellationToken stopping)
    {
        (_client, _store, _route, _rounds, _server, _stopping) = (client, store, route, rounds, server, stopping);
        _record = new WorkRecord(rounds, TimeProvider.System);
        _memory = new SiteMemory(rounds);
        _worker = Context.ActorOf(Props.Create(() => new TrainingActor(training, store)).WithDispatcher(Threads.Learning), "training");

        Receive<SayHello>(_ => SayHelloNow());
        Receive<GetActivity>(_ => Sender.Tell(new Activity(_job?.Activity ?? "idle", _job?.Round.ToString() ?? "", _job?.Problem ?? "")));
        Receive<SiteMessages.Train>(m => _epoch.Follow(m.Epoch, () => Begin(m)));
        Receive<SiteMessages.SendAgain>(m => Current(m.Round, j => j.Update?.Weights.Digest == m.Update && j.Activity != "sending", Send));
        Receive<SiteMessages.NameTaken>(TellNameTaken);
        Receive<SiteMessages.Answered>(m => Current(m.Round, _ => true, j => Answered(j, m)));
        Receive<SiteMessages.RoundEnded>(m => _epoch.Follow(m.Epoch, () => EndRound(m)));
        Receive<SiteMessages.FederationEnded>(m => _epoch.Follow(m.Epoch, () => _log.Info("Federation {Federation} {Outcome}", m.Federation, m.Outcome)));

        Receive<Fetched>(m => Current(m.Round, j => j.Request is null && j.Order.GlobalModel == m.Model.Digest, j => Train(j, m.Model)));
        Receive<TrainingActor.Progressed>(m => Current(m.Request.Round, j => j.Request == m.Request, j => j.Saw(m.Progress)));
        Receive<TrainingActor.Finished>(m => Current(m.Request.Round, j => j.Request == m.Request, j => Finish(j, m.Update)));
        Receive<TrainingActor.Broke>(m => Current(m.Request.Round, j => j.Request == m.Request, j => Give(j, m.Cause)));
        Receive<Sent>(m => Current(m.Round, j => j.Update?.Weights.Digest == m.Update, j => Arrive(j, m.Bytes)));
        Receive<Moved>(m => Current(m.Round, j => j.Activity == m.Activity, j => j.MovesOn(m.Bytes)));
        Receive<Hindered>(m => Current(m.Round, j => j.Activity == m.Activity && j.Order.Weights == m.Weights, j =>
        {
            if (j.Problem != m.Problem)
                _log.Warning("Round {Round}: {Problem}", j.Round, m.Problem);
            (j.Problem, j.Hindered) = (m.Problem, true);
        }));
        Receive<TransferBroke>(m => Current(m.Round, j => j.Order.Weights == m.Weights, j => Retry(j, m.Cause)));
        Receive<TryAgain>(m => Current(m.Round, _ => true, Continue));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _left = Left();
        Timers.StartPeriodicTimer("hello", new SayHello(), TimeSpan.Zero, HelloEvery);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _job?.Cancel.Cancel();

    private void SayHelloNow()
    {
        var status = _job is { } job
            ? new SiteStatus(job.Activity, job.Round.ToString(), job.Done, job.Total, job.Loss, _record.Trainings, job.Problem, _memory.ChangedIn)
            : new SiteStatus("idle", _left?.ToString() ?? "", 0, 0, double.NaN, _record.Trainings, "", _memory.ChangedIn);
        _server.Tell(new SiteMessages.Hello(_client, Self, status, _epoch.Value, _memory.Machine, _clock.GetUtcNow().UtcTicks));
    }

    private void TellNameTaken(SiteMessages.NameTaken m)
    {
        if (_taken != m.Node)
            _log.Warning("The server does not take this node for {Client}: a node of that name is present, on {Node}. Stop that one, or give this one its own name (fedkim.site)", m.Client, m.Node);
        _taken = m.Node;
    }

    private void Begin(SiteMessages.Train order)
    {
        (_taken, _left) = ("", null);
        // The same round of another past begins elsewhere: a journal that was put back.
        if (_job is { } same && same.Order == order with { Weights = same.Order.Weights, Epoch = same.Order.Epoch })
        {
            bool elsewhere = same.Order.Weights != order.Weights;
            same.Order = order;
            // Who is asked again though its update counted speaks to a server whose journal was put back to before that.
            if (same.Activity is "waiting" or "broken" or "counted" || (elsewhere && same.Activity is "fetching" or "sending"))
            {
                Timers.Cancel("again");
                same.Moving.Cancel();
                Continue(same);
            }

            return;
        }

        if (_job is { } old)
            LayDown(old);
        _job = new Job(order, CancellationTokenSource.CreateLinkedTokenSource(_stopping));
        _log.Info("Round {Round}: {Client} starts from model {Model}", order.Round, _client, order.GlobalModel.Short);
        Clean(except: FolderOf(order.Round));
        Continue(_job);
    }

    // Takes the job up where it stands; every step may be done twice.
    private void Continue(Job job)
    {
        if (job.Activity == "broken")
        {
            _server.Tell(new SiteMessages.CannotContribute(job.Round, _client, job.Problem));
            Timers.StartSingleTimer("again", new TryAgain(job.Round), RetryAfter);
        }
        else if (job.Activity == "waiting")
            Contribute(job);
        else if (job.Update is not null)
            Send(job);
        else
            Fetch(job);
    }

    private void Fetch(Job job)
    {
        job.Enter("fetching");
        Transfer(job, async (client, moved, cancel) => new Fetched(job.Round, await client.FetchAsync(job.Order.GlobalModel, moved, cancel)));
    }

    private void Train(Job job, WeightFile model)
    {
        string folder = FolderOf(job.Round);
        Directory.CreateDirectory(folder);
        job.Enter("training");
        job.Request = new TrainingRequest(job.Round, _client, job.Order.Seed, job.Order.Strategy, job.Order.Learning, model, folder);
        _worker.Tell(new TrainingActor.Work(job.Request, job.Cancel.Token));
    }

    private void Finish(Job job, LocalUpdate update)
    {
        // What was finished before a crash is found in the outbox, and no step is made again; the crash may have come before it was written down.
        if (job.Steps > 0 || !_record.Knows(job.Round, update.Weights.Digest))
        {
            Record(() => _record.Trained(job.Round, update.Weights.Digest));
            _log.Info("Round {Round}: {Client} has trained", job.Round, _client);
        }

        if (_memory.Print(job.Round, update.Data).Changed)
            _log.Warning("Round {Round}: {Client} trained on other data than in its contribution before: its data folder has changed", job.Round, _client);
        job.Update = update;
        job.MovesOn(job.Done);
        Send(job);
    }

    private void Send(Job job)
    {
        job.Enter("sending");
        var digest = job.Update!.Weights.Digest;
        Transfer(job, async (client, moved, cancel) =>
        {
            long bytes = await client.SendAsync(job.Round, digest, moved, cancel);
            return new Sent(job.Round, digest, bytes);
        });
    }

    private void Arrive(Job job, long bytes)
    {
        if (bytes > 0)
        {
            Record(() => _record.Sent(job.Round, job.Update!.Weights.Digest, bytes));
            _log.Info("Round {Round}: {Client} has sent {Bytes} bytes of its update", job.Round, _client, bytes);
        }

        Contribute(job);
    }

    // The round does not wait for what is only counted.
    private void Record(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("What {Client} has done cannot be written down now: {Problem}", _client, e.Message);
        }
    }

    private void Contribute(Job job)
    {
        var update = job.Update!;
        job.MovesOn(job.Done);
        double loss = update.Losses.Count == 0 ? double.NaN : update.Losses.OrderBy(l => l.Key, StringComparer.Ordinal).Average(l => l.Value);
        job.Enter("waiting");
        _server.Tell(new SiteMessages.Contribute(job.Round, _client, update.Weights.Digest, TaskSamples.Of(update.Samples), loss, _memory.Print(job.Round, update.Data).ToString()));
        Timers.StartSingleTimer("again", new TryAgain(job.Round), RetryAfter);
    }

    private void Answered(Job job, SiteMessages.Answered answer)
    {
        Timers.Cancel("again");
        if (answer.Counted)
        {
            if (job.Activity != "counted")
                _log.Info("Round {Round}: the update of {Client} counts", job.Round, _client);
            job.Enter("counted");
            if (job.Update is { } counted)
                _memory.Counted(job.Round, counted.Data);
            return;
        }

        if (job.Activity != "broken")
            _log.Warning("Round {Round}: the update of {Client} does not count: {Reason}", job.Round, _client, answer.Reason);
        job.Enter("broken", job.Activity == "broken" ? job.Problem : answer.Reason);
    }

    private void Give(Job job, Exception cause)
    {
        if (cause is DamagedException damage)
        {
            Replace(job, damage);
            return;
        }

        // A disk that is full or fails may come right before the deadline. What was trained stands in the checkpoint.
        if (Reason.FileTroubleOf(cause, Place) is not null)
        {
            job.Request = null;
            Retry(job, cause);
            return;
        }

        _log.Error("Round {Round}: {Client} cannot train: {Problem}", job.Round, _client, cause.Message);
        _log.Debug("Round {Round}: {Fault}", job.Round, cause);
        job.Enter("broken", Reason.Of(cause, Place));
        Continue(job);
    }

    // What this site's disk did to a file is mended here: the model is fetched again, a finished update trained again with the same bits.
    private void Replace(Job job, DamagedException damage)
    {
        bool update = job.Update?.Weights.Digest == damage.Digest;
        _log.Warning(
            "Round {Round}: {What} on the disk of {Client}: {Problem}; it is {Remedy}",
            job.Round, update ? "the finished update" : "the model", _client, damage.Message, update ? "made again, with the same bits" : "fetched again");
        _store.Lose(damage.Digest);
        (job.Request, job.Update) = (null, null);
        Fetch(job);
    }

    private void Retry(Job job, Exception cause)
    {
        if (cause is DamagedException damage)
        {
            Replace(job, damage);
            return;
        }

        string problem = Reason.Of(cause, Place);
        if (job.Problem != problem)
            _log.Warning("Round {Round}: {Problem} while {Activity}; trying again", job.Round, cause.Message, job.Activity);
        _log.Debug("Round {Round}: {Fault}", job.Round, cause);
        (job.Problem, job.Hindered) = (problem, true);
        Timers.StartSingleTimer("again", new TryAgain(job.Round), RetryAfter);
    }

    private void EndRound(SiteMessages.RoundEnded m)
    {
        if (_left == m.Round)
            _left = null;
        bool works = _job?.Round == m.Round;
        if (works)
        {
            _log.Info("Round {Round} {Outcome}", m.Round, m.Outcome.Length > 0 ? m.Outcome : "is over");
            LayDown(_job!);
        }

        // What was finished is kept for a round that may be tried again, until another one begins.
        if (works && !m.MayResume)
            Clean(except: null);
        else if (!m.MayResume && _job is null && Directory.Exists(FolderOf(m.Round)))
            Directory.Delete(FolderOf(m.Round), recursive: true);
    }

    private void LayDown(Job job)
    {
        Timers.Cancel("again");
        job.Cancel.Cancel();
        _job = null;
        SayHelloNow();
    }

    private void Transfer(Job job, Func<WeightClient, IProgress<long>, CancellationToken, Task<object>> move)
    {
        var self = Self;
        var (round, activity, weights) = (job.Round, job.Activity, job.Order.Weights);
        var moved = new Progress(bytes => self.Tell(new Moved(round, activity, bytes)));
        job.Moving = CancellationTokenSource.CreateLinkedTokenSource(job.Cancel.Token);
        var cancel = job.Moving.Token;
        Run().PipeTo(self, failure: e => new TransferBroke(round, weights, e));

        async Task<object> Run()
        {
            using var client = _route.To(weights, _store, problem => self.Tell(new Hindered(round, activity, weights, Reason.WithoutPaths(problem))));
            return await move(client, moved, cancel);
        }
    }

    private void Current(RoundId round, Func<Job, bool> fits, Action<Job> then)
    {
        if (_job is not { } job || job.Round != round || !fits(job))
            return;
        try
        {
            then(job);
        }
        catch (Exception e) when (Reason.FileTroubleOf(e, Place) is not null)
        {
            Retry(job, e);
        }
    }

    // The round that a process before this one worked on. It may have ended while there was none, and whoever leads says so.
    private RoundId? Left()
    {
        try
        {
            return Directory.Exists(_rounds)
                ? new DirectoryInfo(_rounds).EnumerateDirectories().OrderByDescending(d => d.LastWriteTimeUtc).Select(d => RoundOf(d.Name)).FirstOrDefault(r => r is not null)
                : null;
        }
        catch (Exception e) when (FileTrouble.Of(e, Place) is not null)
        {
            return null;
        }
    }

    private static RoundId? RoundOf(string folder) => folder.LastIndexOf('-') is > 0 and var dash && int.TryParse(folder[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? new RoundId(new FederationId(folder[..dash]), number)
        : null;

    private string FolderOf(RoundId round) => Path.Combine(_rounds, $"{round.Federation}-{round.Number}");

    // Nothing of a round that has ended is needed: neither its checkpoints and update nor its model. What cannot go now goes with the next.
    private void Clean(string? except)
    {
        try
        {
            Remove(except);
        }
        catch (Exception e) when (FileTrouble.Of(e, Place) is { } trouble)
        {
            _log.Warning("What earlier rounds left still takes room: {Problem}", trouble.What);
            _log.Debug("{Fault}", e);
        }
    }

    private void Remove(string? except)
    {
        if (Directory.Exists(_rounds))
        {
            foreach (string folder in Directory.EnumerateDirectories(_rounds).Where(f => f != except))
                Directory.Delete(folder, recursive: true);
        }

        if (!_store.HoldsCopies)
            return;
        foreach (var model in _store.List().Where(d => d != _job?.Order.GlobalModel))
            _store.Delete(model);
    }

    // One round's work. Mutable and owned by the actor alone.
    private sealed class Job(SiteMessages.Train order, CancellationTokenSource cancel)
    {
        public SiteMessages.Train Order { get; set; } = order;

        public CancellationTokenSource Cancel { get; } = cancel;

        /// <summary>Ends the transfer under way, and nothing else.</summary>
        public CancellationTokenSource Moving { get; set; } = new();

        public RoundId Round => Order.Round;

        public string Activity { get; private set; } = "idle";

        public long Done { get; set; }

        public long Total { get; private set; }

        public double Loss { get; private set; } = double.NaN;

        public string Problem { get; set; } = "";

        public int Steps { get; private set; }

        public TrainingRequest? Request { get; set; }

        public LocalUpdate? Update { get; set; }

        /// <summary>What hinders it shows until it moves on.</summary>
        public bool Hindered { get; set; }

        public void Enter(string activity, string problem = "") =>
            (Activity, Problem, Done, Total) = (activity, Hindered && problem.Length == 0 ? Problem : problem, 0, 0);

        public void MovesOn(long done) => (Done, Problem, Hindered) = (done, "", false);

        public void Saw(LearningProgress progress)
        {
            MovesOn(progress.Done);
            (Total, Loss, Steps) = (progress.Total, progress.Loss, Steps + 1);
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

    private sealed record Fetched(RoundId Round, WeightFile Model);

    private sealed record Sent(RoundId Round, Digest Update, long Bytes);

    private sealed record Moved(RoundId Round, string Activity, long Bytes);

    private sealed record Hindered(RoundId Round, string Activity, string Weights, string Problem);

    private sealed record TransferBroke(RoundId Round, string Weights, Exception Cause);

    private sealed record TryAgain(RoundId Round);
}
