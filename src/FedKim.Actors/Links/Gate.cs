using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Links;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Links;

/// <summary>
/// Stands at a server for a site that is connected by a line of its own. What the site says goes to the federation's actor under the site's
/// name, whatever a frame says; what is said to this actor goes to the site. It ends with the line, and the line with it, and when the site is silent.
/// </summary>
internal sealed class Gate : ReceiveActor, IWithTimers
{
    private const int MostQuestions = 16;

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    // A site says hello every second; a line on which nothing is heard for so long was never its, or is dead.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ClientId _site;
    private readonly string _through;
    private readonly IActorRef _server;
    private readonly ChannelWriter<ServerFrame> _line;
    private readonly Action<string>? _refused;
    private string? _machine;
    private int _questions;
    private bool _warned;

    /// <param name="node">The server's name.</param>
    /// <param name="site">The site, as its connection proves.</param>
    /// <param name="through">How it is connected, for people.</param>
    /// <param name="server">The way to the federation's actor.</param>
    /// <param name="line">Where what is said to the site goes.</param>
    /// <param name="refused">Told what of the site's is not followed, for the audit log; null for nobody.</param>
    public Gate(string node, ClientId site, string through, IActorRef server, ChannelWriter<ServerFrame> line, Action<string>? refused = null)
    {
        (_site, _through, _server, _line, _refused) = (site, through, server, line, refused);
        Receive<SiteFrame>(Hear);
        Receive<Silent>(_ =>
        {
            _log.Warning("The line of {Site} ({Through}) ends: nothing was heard on it for {Seconds} s", site, through, Silence.TotalSeconds);
            Context.Stop(Self);
        });
        Receive<Answered>(m =>
        {
            _questions--;
            Say(ServerFrames.Of(m.Id, m.Answer));
        });
        Receive<IWireMessage>(m =>
        {
            if (ServerFrames.Of(m) is { } frame)
                Say(frame);
            else
                Unhandled(m);
        });
        line.TryWrite(ServerFrames.Welcome(node));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    // What is said to the site is no sign of it, as it would be to a receive timeout.
    /// <inheritdoc/>
    protected override void PreStart() => Wait();

    /// <inheritdoc/>
    protected override void PostStop() => _line.TryComplete();

    private void Wait() => Timers.StartSingleTimer("silent", new Silent(), Silence);

    private void Hear(SiteFrame frame)
    {
        Wait();
        try
        {
            if (frame.SaidCase == SiteFrame.SaidOneofCase.Question)
                Ask(frame);
            else if (SiteFrames.Read(frame, _site, Self, _through) is { } message)
                Pass(message);
        }
        catch (FormatException e)
        {
            Warn($"a frame is malformed and not followed: {e.Message}");
            _refused?.Invoke($"said what is malformed: {e.Message}");
        }
    }

    private void Pass(IWireMessage message)
    {
        if (message is SiteMessages.Hello hello && hello.Machine != _machine)
            Context.Parent.Tell(new Gates.Known(_machine = hello.Machine));
        _server.Tell(message);
    }

    private void Ask(SiteFrame frame)
    {
        ulong id = frame.Question.Id;
        if (SiteFrames.Question(frame) is not { } question)
        {
            string kind = frame.Question.Kind[..Math.Min(40, frame.Question.Kind.Length)];
            _refused?.Invoke($"asked {kind}, which is no question");
            Say(ServerFrames.Of(id, new OperatorMessages.Refused($"The server does not know the question {kind}. Run its version here.")));
        }
        else if (_questions == MostQuestions)
        {
            Say(ServerFrames.Of(id, new OperatorMessages.Refused($"{_site} has {MostQuestions} questions open at the server. Ask again when they are answered.")));
        }
        else
        {
            _questions++;
            Answer(_log, _site).PipeTo(Self);
        }

        async Task<Answered> Answer(ILoggingAdapter log, ClientId site)
        {
            try
            {
                return new Answered(id, await _server.Ask<IWireMessage>(new FederationQueries.AskedBy(site, question), AnswerWithin));
            }
            catch (AskTimeoutException)
            {
                return Unanswered("does not answer. It is starting, or the server this site is connected to cannot reach it");
            }
            catch (Exception e)
            {
                // What went wrong at a server is for its own people: the site hears that it did.
                log.Warning(e, "A question of {Site} cannot be asked", site);
                return Unanswered("cannot be asked; its log says more");
            }

            Answered Unanswered(string why) => new(id, new OperatorMessages.Refused($"The federation's server {why}."));
        }
    }

    private void Say(ServerFrame frame)
    {
        int bytes = frame.CalculateSize();
        if (bytes > LinkLimits.FrameBytes)
            Warn($"{frame.SaidCase} has {bytes} bytes and is not sent: a frame holds {LinkLimits.FrameBytes}");
        else
            _line.TryWrite(frame);
    }

    // One line tells of it; a flood of them would hide everything else.
    private void Warn(string problem)
    {
        if (!_warned)
            _log.Warning("The line of {Site}: {Problem}", _site, problem);
        _warned = true;
    }

    private sealed record Silent;

    private sealed record Answered(ulong Id, IWireMessage Answer) : INoSerializationVerificationNeeded;
}
