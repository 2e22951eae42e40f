using System.Collections.Immutable;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using FedKim.Actors.Members;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Links;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Links;

/// <summary>
/// A site's way to the servers where its node is in no cluster: one line to any of them, which the site opens. When it ends, the next server
/// is tried, for ever. What was said on an earlier line counts no more, and what is said while there is none is lost, and said again.
/// </summary>
public sealed class OutboundLink : ReceiveActor, IWithTimers
{
    private const int MostSaid = 100;
    private const int MostAsked = 64;

    private static readonly TimeSpan WelcomeWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Stands = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ClientId _site;
    private readonly Dial _dial;
    private readonly Redial _redial;
    private readonly IActorRef _uplink;
    private readonly Action<LinkView> _show;
    private readonly TimeProvider _clock;
    private readonly SortedDictionary<ulong, IActorRef> _asked = [];
    private LinkView _view = LinkView.None;
    private Line? _line;
    private long _since;
    private bool _told;
    private ulong _questions;

    /// <param name="site">The site.</param>
    /// <param name="doors">Every server's door, <c>host:port</c>; at least one.</param>
    /// <param name="dial">Opens a line.</param>
    /// <param name="work">The site's work: hears what the server says.</param>
    /// <param name="keeper">Hears what weights a server lacks.</param>
    /// <param name="uplink">The work's <see cref="Uplink"/>.</param>
    /// <param name="show">Told how the link stands, whenever that changes.</param>
    /// <param name="clock">The only source of time.</param>
    public OutboundLink(
        ClientId site, ImmutableArray<string> doors, Dial dial, IActorRef work, IActorRef keeper, IActorRef uplink, Action<LinkView> show, TimeProvider clock)
    {
        (_site, _dial, _uplink, _show, _clock) = (site, dial, uplink, show, clock);
        _redial = new Redial(doors, SeededGenerator.Derive(0, "link", site.Value));
        _since = clock.GetTimestamp();
        Receive<Open>(_ => OpenLine());
        Receive<Heard>(m => m.Line == _line, m => Hear(m.Frame, work, keeper));
        Receive<Heard>(_ => { });
        Receive<Silent>(m => m.Line == _line, m => m.Line.End("says nothing"));
        Receive<Silent>(_ => { });
        Receive<Ended>(m => End(m.Line, m.Problem));
        Receive<Tell>(_ => TellWhatIsMissing());
        Receive<FederationQueries.IQuestion>(Ask);
        Receive<IWireMessage>(m => SiteFrames.Of(m) is not null, m => Say(SiteFrames.Of(m)!));
        Receive<IWireMessage>(_ => Sender.Tell(new OperatorMessages.Refused(
            $"{site} takes part by an outbound link, and no command that changes a federation goes that way. Only those who run the federation's servers may give it: pbm or fedkim federation at a server's node.")));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _uplink.Tell(new Uplink.Use(Self));
        Timers.StartPeriodicTimer("tell", new Tell(), TellEvery);
        OpenLine();
    }

    /// <inheritdoc/>
    protected override void PostStop() => _line?.End("");

    private void OpenLine()
    {
        var line = _line = new Line(_redial.Door, _clock.GetTimestamp());
        var self = Self;
        Timers.StartSingleTimer("silent", new Silent(line), WelcomeWithin);
        Run().PipeTo(self);

        async Task<Ended> Run()
        {
            try
            {
                await _dial(line.Door, line.Said.Reader, frame => self.Tell(new Heard(line, frame)), line.Token);
                return new Ended(line, "has ended the line");
            }
            catch (Exception e) when (e is LinkException or OperationCanceledException)
            {
                return new Ended(line, line.Problem.Length > 0 ? line.Problem : e.Message);
            }
            catch (Exception e)
            {
                // Whatever it was, the site goes on trying.
                return new Ended(line, $"met a fault: {e.Message}");
            }
        }
    }

    private void Hear(ServerFrame frame, IActorRef work, IActorRef keeper)
    {
        try
        {
            if (ServerFrames.Welcome(frame) is { } server)
                Enter(server);
            else if (frame.SaidCase == ServerFrame.SaidOneofCase.Answer)
                Answer(frame);
            else if (ServerFrames.Read(frame, _site) is { } message)
                (message is WeightMessages.Wanted or WeightMessages.UpdateWanted ? keeper : work).Tell(message);
        }
        catch (FormatException e)
        {
            if (!_line!.Malformed)
                _log.Warning("What the server at {Door} says is not followed where it is malformed: {Problem}", _line.Door, e.Message);
            _line.Malformed = true;
        }
    }

    private void Enter(string server)
    {
        Timers.Cancel("silent");
        _line!.Welcomed = true;
        _told = false;
        _log.Info("{Site} is connected to {Server} at {Door}", _site, server, _line.Door);
        Context.System.EventStream.Publish(new ServerMet(server, _line.Door));
        Show(new LinkView(_line.Door, server, LinkView.None.Problems));
    }

    private void End(Line line, string problem)
    {
        if (line != _line)
            return;
        _line = null;
        line.End(problem);
        Timers.Cancel("silent");
        if (line.Welcomed)
        {
            _since = _clock.GetTimestamp();
            _log.Warning("The line to {Server} at {Door} is lost: it {Problem}. {Site} looks for a server", _view.Server, line.Door, problem, _site);
            if (_clock.GetElapsedTime(line.Opened) > Stands)
                _redial.Stood();
        }
        foreach (var asker in _asked.Values)
            asker.Tell(new OperatorMessages.Refused("The line to the server was lost before it answered. Ask again in a moment."));
        _asked.Clear();
        Show(_view with { Door = "", Server = "", Problems = _view.Problems.SetItem(line.Door, problem) });
        var pause = _redial.Next();
        // A whole turn in vain is told once, and from then on every minute.
        if (pause > TimeSpan.Zero && !line.Welcomed && !_told)
            TellWhatIsMissing();
        Timers.StartSingleTimer("open", new Open(), pause);
    }

    private void TellWhatIsMissing()
    {
        if (_view.IsOpen)
            return;
        _told = true;
        _log.Warning("{Site} waits for a server since {Seconds} s and goes on trying: {Problems}",
            _site, (long)_clock.GetElapsedTime(_since).TotalSeconds, _view.Missing);
    }

    private void Ask(FederationQueries.IQuestion question)
    {
        if (SiteFrames.Of(_questions + 1, question) is not { } frame)
        {
            Sender.Tell(new OperatorMessages.Refused(
                $"{_site} takes part by an outbound link, and what costs the server so much is not asked that way. Only those who run the federation's servers may ask it: pbm or fedkim federation at a server's node."));
            return;
        }
        if (!_view.IsOpen)
        {
            Sender.Tell(new OperatorMessages.Refused($"{_site} is connected to no server now: {_view.Missing}. Ask again when it is."));
            return;
        }
        if (_asked.Count == MostAsked)
        {
            var (oldest, asker) = _asked.First();
            asker.Tell(new OperatorMessages.Refused("Too many questions were asked here at once, and this one waited longest. Ask again."));
            _asked.Remove(oldest);
        }
        _asked[++_questions] = Sender;
        Say(frame);
    }

    private void Answer(ServerFrame frame)
    {
        if (!_asked.Remove(frame.Answer.Id, out var asker))
            return;
        asker.Tell(ServerFrames.Answer(frame) is { } answer
            ? answer
            : new OperatorMessages.Refused($"The server answers with {frame.Answer.Kind}, which this version does not know. Run the servers' version here."));
    }

    private void Say(SiteFrame frame)
    {
        if (_line is { Welcomed: true } line)
            line.Said.Writer.TryWrite(frame);
    }

    private void Show(LinkView view) => _show(_view = view);

    private sealed class Line(string door, long opened)
    {
        private readonly CancellationTokenSource _end = new();

        public string Door => door;

        public long Opened => opened;

        public CancellationToken Token => _end.Token;

        // Everything is said again anyway.
        public Channel<SiteFrame> Said { get; } = Channel.CreateBounded<SiteFrame>(
            new BoundedChannelOptions(MostSaid) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

        public bool Welcomed { get; set; }

        public bool Malformed { get; set; }

        public string Problem { get; private set; } = "";

        public void End(string problem)
        {
            Problem = problem;
            Said.Writer.TryComplete();
            _end.Cancel();
        }
    }

    private sealed record Open;

    private sealed record Tell;

    private sealed record Heard(Line Line, ServerFrame Frame) : INoSerializationVerificationNeeded;

    private sealed record Silent(Line Line) : INoSerializationVerificationNeeded;

    private sealed record Ended(Line Line, string Problem) : INoSerializationVerificationNeeded;
}
