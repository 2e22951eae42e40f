using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Protocol.Messages;

/// <summary>What a hospital and the server say to each other. Everything may arrive twice, late or not at all.</summary>
public static class SiteMessages
{
    /// <summary>Stands for a federation that does not concern the site.</summary>
    public static FederationId Unnamed { get; } = new("");

    /// <summary>A hospital is here and this is what it does; said every second, answered by nothing. What it misses is sent again.</summary>
    /// <param name="Client">Its name.</param>
    /// <param name="Site">Where it is reached.</param>
    /// <param name="Status">What it does.</param>
    /// <param name="Epoch">The latest it has heard of; 0 before the first. A coordinator of an earlier one learns here that it was replaced.</param>
    /// <param name="Machine">A name of the work folder it runs in, which no other has; empty where it does not say.</param>
    /// <param name="Clock">What its clock shows, in ticks (UTC); 0 where it does not say.</param>
    /// <param name="Through">How it is connected, for people, where it is not itself at the address of <paramref name="Site"/>; else empty.</param>
    /// <param name="Packages">The packages it has loaded (<see cref="PackagePrint"/>); empty for none.</param>
    public sealed record Hello(
        ClientId Client, IActorRef Site, SiteStatus Status, int Epoch, string Machine = "", long Clock = 0, string Through = "", string Packages = "") : IWireMessage;

    /// <summary>A node that carries several sites says hello for them, for each as it would say it itself.</summary>
    /// <param name="Items">One a site; as many as a frame holds.</param>
    /// <param name="Same">The names of sites that say what they said before, but for their clock.</param>
    public sealed record Hellos(Hello[] Items, string[] Same) : IWireMessage;

    /// <summary>Another node is here under this site's name; what this one says is not followed while that one is present.</summary>
    /// <param name="Client">The name.</param>
    /// <param name="Node">Where the other node is.</param>
    public sealed record NameTaken(ClientId Client, string Node) : IWireMessage;

    /// <summary>The site does not take part in the federation that runs; said when that changes.</summary>
    /// <param name="Client">The site.</param>
    /// <param name="Federation">The federation; <see cref="Unnamed"/> where it does not concern the site.</param>
    /// <param name="Reason">Why, to go on after a colon; empty where it takes part again.</param>
    public sealed record NotInvited(ClientId Client, FederationId Federation, string Reason) : IWireMessage;

    /// <summary>Train from this model.</summary>
    /// <param name="Round">The round.</param>
    /// <param name="Seed">The federation's seed.</param>
    /// <param name="Strategy">The strategy's name.</param>
    /// <param name="Learning">The learning plan, JSON.</param>
    /// <param name="GlobalModel">The model to start from.</param>
    /// <param name="Weights">Where models are fetched and updates are sent: the base address of the server's weight plane.</param>
    /// <param name="Epoch">The coordinator's; orders of an earlier one no longer count.</param>
    public sealed record Train(
        RoundId Round, long Seed, string Strategy, string Learning, Digest GlobalModel, string Weights, int Epoch) : IWireMessage;

    /// <summary>The update lies at the server; count it.</summary>
    /// <param name="Round">The round.</param>
    /// <param name="Client">Whose it is.</param>
    /// <param name="Update">The update.</param>
    /// <param name="Samples">Samples trained on.</param>
    /// <param name="Loss">Mean training loss.</param>
    /// <param name="Data">What it was trained on (<see cref="DataPrint"/>); empty where the site does not say.</param>
    public sealed record Contribute(RoundId Round, ClientId Client, Digest Update, TaskSamples[] Samples, double Loss, string Data = "") : IWireMessage;

    /// <summary>The hospital cannot train in this round.</summary>
    public sealed record CannotContribute(RoundId Round, ClientId Client, string Reason) : IWireMessage;

    /// <summary>The server's word on a contribution, after it is stored.</summary>
    /// <param name="Round">The round.</param>
    /// <param name="Client">Whose contribution.</param>
    /// <param name="Counted">Whether it counts.</param>
    /// <param name="Reason">Why not; empty when it counts.</param>
    public sealed record Answered(RoundId Round, ClientId Client, bool Counted, string Reason) : IWireMessage;

    /// <summary>The server does not have this update; send it and say it again.</summary>
    public sealed record SendAgain(RoundId Round, Digest Update) : IWireMessage;

    /// <summary>The round is over: work on it stops, its update may go.</summary>
    /// <param name="Round">The round.</param>
    /// <param name="Epoch">The coordinator's; the word of an earlier one no longer counts.</param>
    /// <param name="Outcome">How it ended, in words; empty where the coordinator does not know any more.</param>
    /// <param name="MayResume">Whether it failed and may be tried again: its update is kept until another round begins.</param>
    public sealed record RoundEnded(RoundId Round, int Epoch, string Outcome = "", bool MayResume = false) : IWireMessage;

    /// <summary>The federation is over.</summary>
    /// <param name="Federation">Which.</param>
    /// <param name="Epoch">The coordinator's; the word of an earlier one no longer counts.</param>
    /// <param name="Outcome">How it ended, in words.</param>
    public sealed record FederationEnded(FederationId Federation, int Epoch, string Outcome) : IWireMessage;
}

/// <summary>Samples of one task.</summary>
public sealed record TaskSamples(string Task, long Samples)
{
    /// <summary>The counts as they travel.</summary>
    public static TaskSamples[] Of(SampleCounts counts) => [.. counts.ByTask.Select(c => new TaskSamples(c.Key, c.Value))];

    /// <summary>The counts as the rules know them.</summary>
    /// <exception cref="ArgumentException">They are none.</exception>
    public static SampleCounts Counts(IEnumerable<TaskSamples?>? samples) =>
        SampleCounts.Of((samples ?? [null]).Select(s => s is { Task: { } task } ? (task, s.Samples) : throw new ArgumentException("samples of no task")));
}

/// <summary>What a hospital does now.</summary>
/// <param name="Activity"><c>idle</c>, <c>fetching</c>, <c>training</c>, <c>sending</c>, <c>waiting</c> for the server's word, or <c>broken</c>.</param>
/// <param name="Round">The round it works on, as text; empty when idle.</param>
/// <param name="Done">Training steps done, or bytes moved.</param>
/// <param name="Total">Training steps in all, or bytes in all; 0 when unknown.</param>
/// <param name="Loss">Latest training loss; NaN before there is one.</param>
/// <param name="Trained">Trainings the site has finished, in all its processes together.</param>
/// <param name="Problem">What keeps it from working; empty when nothing does.</param>
/// <param name="DataChanged">The round, as text, from which on it trained on other data than in this federation's rounds before; empty for none.</param>
public sealed record SiteStatus(string Activity, string Round, long Done, long Total, double Loss, int Trained, string Problem, string DataChanged = "");
