using Akka.Actor;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using static FedKim.Protocol.Links.FrameFields;

namespace FedKim.Protocol.Links;

/// <summary>What a site says, as frames, and back. No frame names the site: who reads it knows whose it is.</summary>
public static class SiteFrames
{
    /// <summary>A message as a frame; null where it is none that a site says to a server.</summary>
    public static SiteFrame? Of(IWireMessage message) => message switch
    {
        SiteMessages.Hello m => new SiteFrame { Hello = Of(m) },
        SiteMessages.Contribute m => new SiteFrame { Contributed = Of(m) },
        SiteMessages.CannotContribute m => new SiteFrame { Refusal = new Refusal { Round = FrameFields.Of(m.Round), Reason = Cut(m.Reason) } },
        _ => null,
    };

    /// <summary>A question as a frame; null where it is none that a site asks.</summary>
    /// <param name="id">Its number, which its answer bears too.</param>
    /// <param name="question">The question.</param>
    public static SiteFrame? Of(ulong id, FederationQueries.IQuestion question)
    {
        if (!QueryText.Carries(question))
            return null;
        var (kind, text) = QueryText.Write(question);
        return new SiteFrame { Question = new Question { Id = id, Kind = kind, Text = text } };
    }

    /// <summary>The message in a site's frame; null where it is a question, or of a kind this version does not know.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="site">Whose it is; it stands in the message, whatever the frame says.</param>
    /// <param name="gate">Where the site is reached.</param>
    /// <param name="from">How the site is connected, for people.</param>
    /// <exception cref="FormatException">Something in it is too long or malformed.</exception>
    public static IWireMessage? Read(SiteFrame frame, ClientId site, IActorRef gate, string from) => frame.SaidCase switch
    {
        SiteFrame.SaidOneofCase.Hello => Read(frame.Hello, site, gate, from),
        SiteFrame.SaidOneofCase.Contributed => Read(frame.Contributed, site),
        SiteFrame.SaidOneofCase.Refusal =>
            new SiteMessages.CannotContribute(Id(frame.Refusal.Round), site, Text(frame.Refusal.Reason, LinkLimits.Words, "refusal.reason")),
        _ => null,
    };

    /// <summary>The question in a site's frame; null where it is none, or of a kind this version does not know.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static FederationQueries.IQuestion? Question(SiteFrame frame) =>
        frame.SaidCase == SiteFrame.SaidOneofCase.Question ? QueryText.ReadQuestion(frame.Question.Kind, frame.Question.Text) : null;

    private static Hello Of(SiteMessages.Hello m) => new()
    {
        Activity = m.Status.Activity,
        Round = m.Status.Round,
        Done = m.Status.Done,
        Total = m.Status.Total,
        Loss = m.Status.Loss,
        Trained = m.Status.Trained,
        Problem = Cut(m.Status.Problem),
        DataChanged = m.Status.DataChanged,
        Epoch = m.Epoch,
        Machine = m.Machine,
        Clock = m.Clock,
        Packages = m.Packages,
    };

    private static SiteMessages.Hello Read(Hello m, ClientId site, IActorRef gate, string from) => new(
        site,
        gate,
        new SiteStatus(
            Text(m.Activity, LinkLimits.Word, "hello.activity"), Text(m.Round, LinkLimits.Word, "hello.round"), m.Done, m.Total, m.Loss, m.Trained,
            Text(m.Problem, LinkLimits.Words, "hello.problem"), Text(m.DataChanged, LinkLimits.Word, "hello.data_changed")),
        Epoch(m.Epoch),
        Text(m.Machine, LinkLimits.Word, "hello.machine"),
        m.Clock,
        from,
        Text(m.Packages, LinkLimits.Word, "hello.packages"));

    private static Contributed Of(SiteMessages.Contribute m)
    {
        var frame = new Contributed { Round = FrameFields.Of(m.Round), Update = FrameFields.Of(m.Update), Loss = m.Loss, Data = m.Data };
        frame.Samples.AddRange(m.Samples.Select(s => new Count { Task = s.Task, Samples = s.Samples }));
        return frame;
    }

    private static SiteMessages.Contribute Read(Contributed m, ClientId site) => m.Samples.Count <= LinkLimits.Tasks
        ? new SiteMessages.Contribute(
            Id(m.Round), site, Id(m.Update, "contributed.update"),
            [.. m.Samples.Select(s => new TaskSamples(Text(s.Task, LinkLimits.Word, "contributed.task"), s.Samples))], m.Loss,
            Text(m.Data, LinkLimits.Address, "contributed.data"))
        : throw new FormatException($"contributed has {m.Samples.Count} tasks, {LinkLimits.Tasks} are the most");
}
