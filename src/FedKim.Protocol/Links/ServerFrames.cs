using FedKim.Protocol.Framed;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using static FedKim.Protocol.Links.FrameFields;

namespace FedKim.Protocol.Links;

/// <summary>What a server says to a site, as frames, and back.</summary>
public static class ServerFrames
{
    /// <summary>A message as a frame; null where it is none that a server says to a site.</summary>
    public static ServerFrame? Of(IWireMessage message) => message switch
    {
        SiteMessages.Train m => new ServerFrame { Order = Of(m) },
        SiteMessages.Answered m => new ServerFrame { Verdict = new Verdict { Round = FrameFields.Of(m.Round), Counted = m.Counted, Reason = Cut(m.Reason) } },
        SiteMessages.SendAgain m => new ServerFrame { SendAgain = new SendAgain { Round = FrameFields.Of(m.Round), Update = FrameFields.Of(m.Update) } },
        SiteMessages.RoundEnded m => new ServerFrame
        {
            RoundEnd = new RoundEnd { Round = FrameFields.Of(m.Round), Epoch = m.Epoch, Outcome = Cut(m.Outcome), MayResume = m.MayResume },
        },
        SiteMessages.FederationEnded m => new ServerFrame
        {
            FederationEnd = new FederationEnd { Federation = m.Federation.Value, Epoch = m.Epoch, Outcome = Cut(m.Outcome) },
        },
        SiteMessages.NameTaken m => new ServerFrame { NameTaken = new NameTaken { Node = m.Node } },
        SiteMessages.NotInvited m => new ServerFrame { NotInvited = new NotInvited { Federation = m.Federation.Value, Reason = Cut(m.Reason) } },
        WeightMessages.Wanted m => new ServerFrame { WantedWeights = new WantedWeights { Digest = FrameFields.Of(m.Digest), Weights = m.Weights } },
        WeightMessages.UpdateWanted m => new ServerFrame
        {
            WantedUpdate = new WantedUpdate { Round = FrameFields.Of(m.Round), Update = FrameFields.Of(m.Update), Weights = m.Weights },
        },
        _ => null,
    };

    /// <summary>The first frame of a server of this name.</summary>
    public static ServerFrame Welcome(string server) => new() { Welcome = new Welcome { Server = server } };

    /// <summary>An answer as a frame.</summary>
    /// <param name="id">The question's number.</param>
    /// <param name="answer">One of the answers to <see cref="FederationQueries.IQuestion"/>, or a refusal.</param>
    /// <exception cref="ArgumentException">It is no answer.</exception>
    public static ServerFrame Of(ulong id, IWireMessage answer)
    {
        var (kind, text) = QueryText.Write(answer);
        return new ServerFrame { Answer = new Answer { Id = id, Kind = kind, Text = text } };
    }

    /// <summary>The message in a server's frame; null where it is a welcome, an answer, or of a kind this version does not know.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="site">The site that reads it: to it alone all of it is said.</param>
    /// <exception cref="FormatException">Something in it is too long or malformed.</exception>
    public static IWireMessage? Read(ServerFrame frame, ClientId site) => frame.SaidCase switch
    {
        ServerFrame.SaidOneofCase.Order => Read(frame.Order),
        ServerFrame.SaidOneofCase.Verdict =>
            new SiteMessages.Answered(Id(frame.Verdict.Round), site, frame.Verdict.Counted, Text(frame.Verdict.Reason, LinkLimits.Words, "verdict.reason")),
        ServerFrame.SaidOneofCase.SendAgain => new SiteMessages.SendAgain(Id(frame.SendAgain.Round), Id(frame.SendAgain.Update, "send_again.update")),
        ServerFrame.SaidOneofCase.RoundEnd => new SiteMessages.RoundEnded(
            Id(frame.RoundEnd.Round), Epoch(frame.RoundEnd.Epoch), Text(frame.RoundEnd.Outcome, LinkLimits.Words, "round_end.outcome"), frame.RoundEnd.MayResume),
        ServerFrame.SaidOneofCase.FederationEnd => new SiteMessages.FederationEnded(
            new FederationId(Name(frame.FederationEnd.Federation, "federation_end.federation")), Epoch(frame.FederationEnd.Epoch),
            Text(frame.FederationEnd.Outcome, LinkLimits.Words, "federation_end.outcome")),
        ServerFrame.SaidOneofCase.NameTaken => new SiteMessages.NameTaken(site, Text(frame.NameTaken.Node, LinkLimits.Address, "name_taken.node")),
        ServerFrame.SaidOneofCase.NotInvited => new SiteMessages.NotInvited(
            site,
            frame.NotInvited.Federation.Length == 0 ? SiteMessages.Unnamed : new FederationId(Name(frame.NotInvited.Federation, "not_invited.federation")),
            Text(frame.NotInvited.Reason, LinkLimits.Words, "not_invited.reason")),
        ServerFrame.SaidOneofCase.WantedWeights =>
            new WeightMessages.Wanted(Id(frame.WantedWeights.Digest, "wanted_weights.digest"), Text(frame.WantedWeights.Weights, LinkLimits.Address, "wanted_weights.weights")),
        ServerFrame.SaidOneofCase.WantedUpdate => new WeightMessages.UpdateWanted(
            Id(frame.WantedUpdate.Round), Id(frame.WantedUpdate.Update, "wanted_update.update"), Text(frame.WantedUpdate.Weights, LinkLimits.Address, "wanted_update.weights")),
        _ => null,
    };

    /// <summary>The answer in a server's frame; null where it is none, or of a kind this version does not know.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static IWireMessage? Answer(ServerFrame frame) =>
        frame.SaidCase == ServerFrame.SaidOneofCase.Answer ? QueryText.ReadAnswer(frame.Answer.Kind, frame.Answer.Text) : null;

    /// <summary>The server's name in its first frame; null where it is another one.</summary>
    /// <exception cref="FormatException">It is too long.</exception>
    public static string? Welcome(ServerFrame frame) =>
        frame.SaidCase == ServerFrame.SaidOneofCase.Welcome ? Text(frame.Welcome.Server, LinkLimits.Word, "welcome.server") : null;

    private static Order Of(SiteMessages.Train m) => new()
    {
        Round = FrameFields.Of(m.Round),
        Seed = m.Seed,
        Strategy = m.Strategy,
        Learning = m.Learning,
        Model = FrameFields.Of(m.GlobalModel),
        Weights = m.Weights,
        Epoch = m.Epoch,
    };

    private static SiteMessages.Train Read(Order m) => new(
        Id(m.Round), m.Seed, Text(m.Strategy, LinkLimits.Word, "order.strategy"), Text(m.Learning, LinkLimits.Plan, "order.learning"),
        Id(m.Model, "order.model"), Text(m.Weights, LinkLimits.Address, "order.weights"), Epoch(m.Epoch));
}
