namespace FedKim.Protocol;

/// <summary>What can be asked of the federation's actor, and what it answers. Answers stay far below a frame of the transport.</summary>
public static class FederationQueries
{
    /// <summary>Asks for a <see cref="FederationView"/>.</summary>
    public sealed record GetFederation : IWireMessage;

    /// <summary>Asks for <see cref="Federations"/>.</summary>
    public sealed record GetFederations : IWireMessage;

    /// <summary>Asks for <see cref="Rounds"/>: up to <paramref name="Count"/> rounds from number <paramref name="From"/> on.</summary>
    public sealed record GetRounds(int From = 1, int Count = 100) : IWireMessage;

    /// <summary>Asks for a <see cref="RoundView"/>, or <see cref="NotFound"/>.</summary>
    public sealed record GetRound(int Number) : IWireMessage;

    /// <summary>Asks for the <see cref="Story"/> of a round, or <see cref="NotFound"/>.</summary>
    public sealed record GetStory(int Number) : IWireMessage;

    /// <summary>Asks for a <see cref="ReplayView"/>, which takes as long as summing the round's updates, or <see cref="NotFound"/>.</summary>
    public sealed record GetReplay(int Number) : IWireMessage;

    /// <summary>Asks for <see cref="Clients"/>.</summary>
    public sealed record GetClients : IWireMessage;

    /// <summary>Asks for an <see cref="InjectorView"/>.</summary>
    public sealed record GetInjector : IWireMessage;

    /// <summary>The latest federations without their evaluations, oldest first.</summary>
    public sealed record Federations(FederationView[] Items) : IWireMessage;

    /// <summary>What happened in a round, in this order.</summary>
    public sealed record Story(StoryLine[] Lines) : IWireMessage;

    /// <summary>Rounds without their clients.</summary>
    public sealed record Rounds(RoundView[] Items) : IWireMessage;

    /// <summary>The sites of the federation, in client-id order.</summary>
    public sealed record Clients(ClientView[] Items) : IWireMessage;

    /// <summary>There is no such thing; the message says what there is.</summary>
    public sealed record NotFound(string Message) : IWireMessage;
}

/// <summary>
/// A federation at a glance. Digests are text, empty before they are known; the coordinator is the node that leads, in the epoch given; what
/// it waits for, or why it is paused, is empty where it works.
/// </summary>
public sealed record FederationView(
    string Federation, string Phase, long Seed, string Strategy, string Method, int Rounds, int CommittedRounds, int OpenRound,
    string[] Invited, int Quorum, string GlobalModel, string Adapter, string Evaluation, string Cause, string Coordinator, int Epoch, string Waiting = "") : IWireMessage;

/// <summary>A round as the journal tells it. Digests are text, empty before they are known.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Cause">Why it failed; empty otherwise.</param>
/// <param name="Invited">Sites invited.</param>
/// <param name="AcceptedCount">Contributions counted.</param>
/// <param name="DroppedCount">Sites left out.</param>
/// <param name="Quorum">Least number of contributions.</param>
/// <param name="Accepted">The contributions; empty in lists.</param>
/// <param name="Dropped">Sites left out and why; empty in lists.</param>
/// <param name="Aggregate">Digest of the sum.</param>
/// <param name="GlobalModel">Digest of the result's model.</param>
/// <param name="Adapter">Digest of the result's adapters.</param>
/// <param name="InjectionLoss">NaN before there is one.</param>
/// <param name="OpenedAt">When it was opened, in milliseconds since 1970 (UTC).</param>
/// <param name="PhaseMilliseconds">How long each phase that has begun lasted, the present one until now.</param>
/// <param name="Waiting">What it waits for, or why it is paused; empty where it works.</param>
public sealed record RoundView(
    int Number, string Phase, string Cause, string[] Invited, int AcceptedCount, int DroppedCount, int Quorum,
    AcceptedView[] Accepted, DroppedView[] Dropped, string Aggregate, string GlobalModel, string Adapter, double InjectionLoss, long OpenedAt,
    PhaseTime[] PhaseMilliseconds, string Waiting = "") : IWireMessage;

/// <summary>A round's aggregate, computed anew.</summary>
/// <param name="Number">The round's.</param>
/// <param name="Updates">Updates that were summed; 0 where they are gone.</param>
/// <param name="Recorded">Digest of the aggregate in the journal; empty before there is one.</param>
/// <param name="Computed">Digest of the aggregate that came out now; empty where nothing was summed.</param>
/// <param name="Message">What to make of it.</param>
public sealed record ReplayView(int Number, int Updates, string Recorded, string Computed, string Message) : IWireMessage;

/// <summary>What happened, and when, in milliseconds since 1970 (UTC).</summary>
public sealed record StoryLine(long At, string Text);

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
/// <param name="Standing"><c>accepted</c>, <c>dropped</c>, <c>awaited</c> in the open round, or <c>-</c>.</param>
/// <param name="Status">What it last said it does.</param>
/// <param name="Clock">How far its clock is off the server's, in words; empty while that is a few seconds at most.</param>
/// <param name="Refused">Another node that is here under its name and is not followed; empty for none.</param>
public sealed record ClientView(string Client, string Node, bool Present, string Standing, SiteStatus Status, string Clock = "", string Refused = "");

/// <summary>The injector as the server sees it.</summary>
public sealed record InjectorView(string Node, bool Present, InjectorStatus Status) : IWireMessage;
