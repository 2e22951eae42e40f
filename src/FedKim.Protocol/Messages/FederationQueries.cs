using FedKim.Rounds;

namespace FedKim.Protocol.Messages;

/// <summary>
/// What can be asked of the federation's actor, and what it answers. A federation is asked for by its name; the empty name is the one that
/// runs or ran last, and where several run none: <see cref="NotFound"/> says which. Answers stay far below a frame of the transport: what may be
/// longer comes in pages, each of which says where the next begins.
/// </summary>
public static class FederationQueries
{
    /// <summary>Marks what can be asked.</summary>
    public interface IQuestion : IWireMessage;

    /// <summary>A question that a site asks over a link of its own; answered as if there were only the federations that it takes or took part in.</summary>
    public sealed record AskedBy(ClientId Site, IQuestion Question) : IWireMessage;

    /// <summary>Asks for a <see cref="FederationView"/>, or <see cref="NotFound"/>.</summary>
    /// <param name="Federation">Which.</param>
    /// <param name="After">The invited sites after this one; empty for the first.</param>
    public sealed record GetFederation(string Federation = "", string After = "") : IQuestion;

    /// <summary>Asks for <see cref="Federations"/> from this one on, counted from 0.</summary>
    public sealed record GetFederations(int From = 0) : IQuestion;

    /// <summary>Asks for <see cref="Federations"/> from this one on, counted from 0: those that run, and those that wait, in their order.</summary>
    public sealed record GetQueue(int From = 0) : IQuestion;

    /// <summary>Asks for a federation's evaluation, a piece of <see cref="Text"/>, from this character on.</summary>
    public sealed record GetEvaluation(string Federation = "", int From = 0) : IQuestion;

    /// <summary>Asks for a federation's plan as JSON, a piece of <see cref="Text"/>, from this character on.</summary>
    public sealed record GetPlan(string Federation = "", int From = 0) : IQuestion;

    /// <summary>Asks for the <see cref="Result"/> of a federation, or <see cref="OperatorMessages.Refused"/>.</summary>
    public sealed record GetResult(string Federation = "") : IQuestion;

    /// <summary>Where a federation's model can be fetched.</summary>
    /// <param name="GlobalModel">Digest of the model.</param>
    /// <param name="Adapter">Digest of the adapters.</param>
    /// <param name="Weights">Base address of the server's weight plane; empty while the server fetches them from others itself.</param>
    public sealed record Result(string GlobalModel, string Adapter, string Weights) : IWireMessage;

    /// <summary>Asks for <see cref="Rounds"/>: up to <paramref name="Count"/> rounds from number <paramref name="From"/> on.</summary>
    /// <param name="From">The first, from 1.</param>
    /// <param name="Count">The most.</param>
    /// <param name="Federation">Whose.</param>
    /// <param name="Clients">Whether they come with their clients.</param>
    public sealed record GetRounds(int From = 1, int Count = 1000, string Federation = "", bool Clients = false) : IQuestion;

    /// <summary>Asks for a <see cref="RoundView"/> with its clients after this one, or <see cref="NotFound"/>.</summary>
    public sealed record GetRound(int Number, string Federation = "", string After = "") : IQuestion;

    /// <summary>Asks for the <see cref="Story"/> of a round from this line on, counted from 0, or <see cref="NotFound"/>.</summary>
    public sealed record GetStory(int Number, string Federation = "", int From = 0) : IQuestion;

    /// <summary>Asks for a <see cref="ReplayView"/>, which takes as long as summing the round's updates, or <see cref="NotFound"/>.</summary>
    public sealed record GetReplay(int Number, string Federation = "") : IQuestion;

    /// <summary>Asks for <see cref="Clients"/> after this one.</summary>
    public sealed record GetClients(string After = "") : IQuestion;

    /// <summary>Asks for an <see cref="InjectorView"/>, or <see cref="NotFound"/>.</summary>
    /// <param name="Site">Of which injector; empty for the only one that is here.</param>
    public sealed record GetInjector(string Site = "") : IQuestion;

    /// <summary>Federations without their sites, in the order in which they begin; the next page begins at <paramref name="Next"/>, 0 after the last.</summary>
    public sealed record Federations(FederationView[] Items, int Next = 0) : IWireMessage;

    /// <summary>A piece of a text; the next one begins at <paramref name="Next"/>, 0 after the last.</summary>
    public sealed record Text(string Part, int Next) : IWireMessage;

    /// <summary>What happened in a round, in this order; the next page begins at <paramref name="Next"/>, 0 after the last.</summary>
    public sealed record Story(StoryLine[] Lines, int Next = 0) : IWireMessage;

    /// <summary>Rounds by number; the next page begins at <paramref name="Next"/>, 0 after the last.</summary>
    public sealed record Rounds(RoundView[] Items, int Next = 0) : IWireMessage;

    /// <summary>The sites of what runs or ran last, in client-id order; the next page comes after <paramref name="Next"/>, empty after the last.</summary>
    public sealed record Clients(ClientView[] Items, string Next = "") : IWireMessage;

    /// <summary>There is no such thing; the message says what there is.</summary>
    public sealed record NotFound(string Message) : IWireMessage;
}

/// <summary>
/// A federation at a glance. Digests are text, empty before they are known; the coordinator is the node that leads, in the epoch given; what
/// it waits for, or why it is paused, is empty where it works. Where <paramref name="Next"/> is not empty, more invited sites come after it.
/// The weights of a removed one are gone. <paramref name="Place"/> is its place in the queue, from 1, and 0 outside of it;
/// <paramref name="Since"/> is when its phase began, in milliseconds since 1970 (UTC); <paramref name="Queued"/> is how many wait for its end;
/// <paramref name="Paused"/> is whether an operator has paused it.
/// </summary>
public sealed record FederationView(
    string Federation, string Phase, long Seed, string Strategy, string Method, int Rounds, int CommittedRounds, int OpenRound,
    string[] Invited, int Quorum, string GlobalModel, string Adapter, string Cause, string Coordinator, int Epoch, string Waiting = "",
    int InvitedCount = 0, string Next = "", bool Removed = false, int Place = 0, long Since = 0, int Queued = 0, bool Paused = false) : IWireMessage;

/// <summary>A round as the journal tells it. Digests are text, empty before they are known.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Cause">Why it failed; empty otherwise.</param>
/// <param name="Invited">Sites invited; empty in lists.</param>
/// <param name="AcceptedCount">Contributions counted.</param>
/// <param name="DroppedCount">Sites left out.</param>
/// <param name="Quorum">Least number of contributions.</param>
/// <param name="Accepted">The contributions; empty in lists.</param>
/// <param name="Dropped">Sites left out and why; empty in lists.</param>
/// <param name="LeftOut">Sites of the federation that were not invited, and why; empty in lists.</param>
/// <param name="Aggregate">Digest of the sum.</param>
/// <param name="GlobalModel">Digest of the result's model.</param>
/// <param name="Adapter">Digest of the result's adapters.</param>
/// <param name="InjectionLoss">NaN before there is one.</param>
/// <param name="OpenedAt">When it was opened, in milliseconds since 1970 (UTC).</param>
/// <param name="PhaseMilliseconds">How long each phase that has begun lasted, the present one until now.</param>
/// <param name="Waiting">What it waits for, or why it is paused; empty where it works.</param>
/// <param name="InvitedCount">How many sites were invited.</param>
/// <param name="Next">Where it is not empty, more clients come after this one.</param>
/// <param name="Result">How it ended, with how much of the data and without whom, in a line; empty while it is open.</param>
public sealed record RoundView(
    int Number, string Phase, string Cause, string[] Invited, int AcceptedCount, int DroppedCount, int Quorum,
    AcceptedView[] Accepted, DroppedView[] Dropped, DroppedView[] LeftOut, string Aggregate, string GlobalModel, string Adapter, double InjectionLoss, long OpenedAt,
    PhaseTime[] PhaseMilliseconds, string Waiting = "", int InvitedCount = 0, string Next = "", string Result = "") : IWireMessage;

/// <summary>A round's aggregate, computed anew.</summary>
/// <param name="Number">The round's.</param>
/// <param name="Updates">Updates that were summed; 0 where they are gone.</param>
/// <param name="Recorded">Digest of the aggregate in the journal; empty before there is one.</param>
/// <param name="Computed">Digest of the aggregate that came out now; empty where nothing was summed.</param>
/// <param name="Message">What to make of it.</param>
public sealed record ReplayView(int Number, int Updates, string Recorded, string Computed, string Message) : IWireMessage;

/// <summary>What happened, and when.</summary>
/// <param name="At">Milliseconds since 1970 (UTC).</param>
/// <param name="Text">A sentence.</param>
/// <param name="Kind">The event's name.</param>
/// <param name="Site">The site it is about, or the node that took over; empty where it is about all.</param>
/// <param name="Samples">The samples of a contribution, <c>task count</c> by task; empty where it is none.</param>
/// <param name="Loss">The loss of a contribution; NaN where it is none.</param>
public sealed record StoryLine(
    long At, string Text, string Kind = "", string Site = "", string Samples = "", double Loss = double.NaN);

/// <summary>A counted contribution.</summary>
public sealed record AcceptedView(string Client, string Digest, long Samples, double Loss);

/// <summary>A site left out.</summary>
public sealed record DroppedView(string Client, string Reason);

/// <summary>How long a phase lasted.</summary>
public sealed record PhaseTime(string Phase, long Milliseconds);

/// <summary>A site as the server sees it.</summary>
/// <param name="Client">Its name.</param>
/// <param name="Node">Its node's address; empty before it said hello.</param>
/// <param name="Present">Whether it said hello lately.</param>
/// <param name="Standing"><c>accepted</c>, <c>dropped</c>, <c>awaited</c> or <c>left out</c> in the open round; <c>drained</c>, <c>excluded</c>, <c>uninvited</c>; or <c>-</c>.</param>
/// <param name="Status">What it last said it does.</param>
/// <param name="Clock">How far its clock is off the server's, in words; empty while that is a few seconds at most.</param>
/// <param name="Refused">Another node that is here under its name and is not followed; empty for none.</param>
/// <param name="Packages">Where it has loaded other packages than the server: which, in words; else empty.</param>
/// <param name="Silent">Whether it still counts as present and has left hellos out.</param>
public sealed record ClientView(
    string Client, string Node, bool Present, string Standing, SiteStatus Status, string Clock = "", string Refused = "", string Packages = "",
    bool Silent = false);

/// <summary>An injector as the server sees it.</summary>
public sealed record InjectorView(string Node, bool Present, InjectorStatus Status) : IWireMessage;
