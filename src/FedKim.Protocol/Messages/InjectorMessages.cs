using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Protocol.Messages;

/// <summary>What the server and the injector say to each other. Requests are sent again until answered; answers come from disk the second time.</summary>
public static class InjectorMessages
{
    /// <summary>The injector is here and this is what it does; said every second.</summary>
    /// <param name="Injector">Where it is reached.</param>
    /// <param name="Status">What it does.</param>
    /// <param name="Epoch">The latest it has heard of; 0 before the first. A coordinator of an earlier one learns here that it was replaced.</param>
    /// <param name="Packages">The packages it has loaded (<see cref="PackagePrint"/>); empty for none.</param>
    /// <param name="Site">Its node's site; empty where an older version does not say.</param>
    public sealed record Hello(IActorRef Injector, InjectorStatus Status, int Epoch, string Packages = "", string Site = "") : IWireMessage;

    /// <summary>Do this work.</summary>
    /// <param name="Work">The work.</param>
    /// <param name="Weights">Base address of the server's weight plane.</param>
    /// <param name="Epoch">The coordinator's; orders of an earlier one no longer count.</param>
    public sealed record Order(IWork Work, string Weights, int Epoch) : IWireMessage;

    /// <summary>Marks work for the injector. Equal requests are the same work, whoever makes them.</summary>
    public interface IWork : IWireMessage
    {
        /// <summary>The work's name, which is also its folder's: equal for equal work, whatever the attempt.</summary>
        string Name { get; }

        /// <summary>Whose work it is.</summary>
        FederationId Federation { get; }
    }

    /// <summary>Make the model and adapters round 1 starts from, or see whether those given fit the plan: weights, or a folder of the injector's node.</summary>
    public sealed record Initialize(
        FederationId Federation, long Seed, string Learning, Digest? GlobalModel = null, Digest? Adapter = null, string? Folder = null) : IWork
    {
        /// <inheritdoc/>
        public string Name => $"{Federation}-start";
    }

    /// <summary>Inject a round's aggregate.</summary>
    public sealed record Inject(
        RoundId Round, int Attempt, long Seed, string Learning, Digest Aggregate, Digest Adapter) : IWork
    {
        /// <inheritdoc/>
        public string Name => Round.FileName;

        /// <inheritdoc/>
        FederationId IWork.Federation => Round.Federation;
    }

    /// <summary>Measure a finished model.</summary>
    public sealed record Evaluate(
        FederationId Federation, long Seed, string Learning, Digest GlobalModel, Digest Aggregate, Digest Adapter) : IWork
    {
        /// <inheritdoc/>
        public string Name => $"{Federation}-evaluation";
    }

    /// <summary>The first model and adapters lie at the server.</summary>
    public sealed record Initialized(FederationId Federation, Digest GlobalModel, Digest Adapter) : IWireMessage;

    /// <summary>The injected model and adapters lie at the server.</summary>
    /// <param name="Round">The round.</param>
    /// <param name="Aggregate">What was injected: a round that is tried again may have another aggregate.</param>
    /// <param name="GlobalModel">The model.</param>
    /// <param name="Adapter">The adapters.</param>
    /// <param name="Loss">Mean loss at the end.</param>
    /// <param name="Attempt">Which attempt it was, from 1: what is refused of an attempt is refused once.</param>
    public sealed record Injected(RoundId Round, Digest Aggregate, Digest GlobalModel, Digest Adapter, double Loss, int Attempt = 1) : IWireMessage;

    /// <summary>The finished model was measured; the evaluation is a JSON array.</summary>
    public sealed record Evaluated(FederationId Federation, string Evaluation) : IWireMessage;

    /// <summary>The work of this name is no longer wanted, or its answer has arrived.</summary>
    /// <param name="Work">Its name.</param>
    /// <param name="Epoch">The coordinator's; the word of an earlier one no longer counts.</param>
    public sealed record Withdraw(string Work, int Epoch) : IWireMessage;

    /// <summary>The work broke.</summary>
    public sealed record Broke(IWork Work, string Reason) : IWireMessage;
}

/// <summary>What the injector does now.</summary>
/// <param name="Activity"><c>idle</c>, <c>fetching</c>, <c>initializing</c>, <c>injecting</c>, <c>evaluating</c>, <c>sending</c>, or <c>resting</c>
/// before a broken injection is tried again.</param>
/// <param name="Work">The work's name; empty when idle.</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all; 0 when unknown.</param>
/// <param name="Loss">Latest loss; NaN before there is one.</param>
/// <param name="Problem">What broke last; empty when nothing did.</param>
public sealed record InjectorStatus(string Activity, string Work, long Done, long Total, double Loss, string Problem);
