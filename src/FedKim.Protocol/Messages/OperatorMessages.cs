using FedKim.Protocol.Journals;
using FedKim.Rounds;
using Google.Protobuf;

namespace FedKim.Protocol.Messages;

/// <summary>What an operator asks of the federation's actor. Answered, after it is stored, by a <see cref="FederationView"/> or <see cref="Refused"/>.</summary>
public static class OperatorMessages
{
    /// <summary>What changes a federation: for operators alone.</summary>
    public interface IChange : IWireMessage;

    /// <summary>Run a federation by this plan, after those submitted before it, or beside those with which it shares nothing.</summary>
    /// <param name="Plan">The plan's bytes, as they are stored.</param>
    public sealed record Submit(byte[] Plan) : IChange
    {
        /// <summary>The plan as it travels.</summary>
        public static Submit Of(FederationPlan plan) => new(StoredPlan.Bytes(plan));

        /// <summary>The plan as the rules know it; null where the bytes are none.</summary>
        public FederationPlan? ToPlan()
        {
            try
            {
                return StoredPlan.Read(Plan);
            }
            catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException or OverflowException)
            {
                return null;
            }
        }
    }

    /// <summary>End a running federation.</summary>
    /// <param name="Cause">Why.</param>
    /// <param name="Federation">Which, if it runs; empty for the only one that does.</param>
    public sealed record Stop(string Cause, string Federation = "") : IChange;

    /// <summary>Take a federation from the queue.</summary>
    public sealed record Cancel(FederationId Federation, string Cause) : IChange;

    /// <summary>Try again what a federation failed at.</summary>
    public sealed record Resume(FederationId Federation) : IChange;

    /// <summary>Give a running federation's open round up; the federation has failed then, and can be resumed.</summary>
    public sealed record Abort(FederationId Federation, string Cause) : IChange;

    /// <summary>Open no further round of a running federation, and end the open one by no limit, until it is to <see cref="Continue"/>.</summary>
    public sealed record Pause(FederationId Federation) : IChange;

    /// <summary>Let a federation go on after a pause.</summary>
    public sealed record Continue(FederationId Federation) : IChange;

    /// <summary>Give the weights of a federation that has ended back.</summary>
    public sealed record Remove(FederationId Federation) : IChange;

    /// <summary>Ask a site no more once its round is over.</summary>
    public sealed record Drain(ClientId Site, string Federation = "") : IRosterChange;

    /// <summary>Ask a site again that was drained or excluded.</summary>
    public sealed record Return(ClientId Site, string Federation = "") : IRosterChange;

    /// <summary>Take nothing more of a site, in the open round either.</summary>
    public sealed record Exclude(ClientId Site, string Federation = "") : IRosterChange;

    /// <summary>Marks what changes who takes part.</summary>
    public interface IRosterChange : IChange
    {
        /// <summary>Whom it is about.</summary>
        ClientId Site { get; }

        /// <summary>In which federation; empty for the one that runs in which the site is.</summary>
        string Federation { get; }
    }

    /// <summary>It was not done; the reason says what to do instead.</summary>
    public sealed record Refused(string Reason) : IWireMessage;
}
