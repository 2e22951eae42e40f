namespace FedKim.Rounds;

/// <summary>Marks what a federation can be asked to do.</summary>
public interface IFederationCommand;

/// <summary>What a federation can be asked to do. Every command is idempotent: saying it twice changes nothing.</summary>
public static class FederationCommands
{
    /// <summary>Start a federation by this plan, or queue it behind those whose sites or injector it shares.</summary>
    public sealed record Submit(FederationPlan Plan) : IFederationCommand;

    /// <summary>Go on under the coordinator of this epoch, on this node.</summary>
    public sealed record TakeOver(int Epoch, string Node) : IFederationCommand;

    /// <summary>The first global model and adapters are there.</summary>
    /// <param name="GlobalModel">The model.</param>
    /// <param name="Adapter">The adapters.</param>
    /// <param name="Federation">Whose; null where one runs.</param>
    public sealed record RecordInitialization(Digest GlobalModel, Digest Adapter, FederationId? Federation = null) : IFederationCommand;

    /// <summary>A round ended.</summary>
    public sealed record RecordRound(Round Round) : IFederationCommand;

    /// <summary>The finished model was measured.</summary>
    /// <param name="Evaluation">Task evaluations as a JSON array; read by the learning floor alone.</param>
    /// <param name="Federation">Whose; null where one runs.</param>
    public sealed record RecordEvaluation(string Evaluation, FederationId? Federation = null) : IFederationCommand;

    /// <summary>Give the federation up: it cannot go on.</summary>
    /// <param name="Cause">Why.</param>
    /// <param name="Federation">Which; null where one runs.</param>
    public sealed record Abandon(string Cause, FederationId? Federation = null) : IFederationCommand;

    /// <summary>Begin this one, which is the next of the queue, now that its turn has come.</summary>
    public sealed record Begin(FederationId Federation) : IFederationCommand;

    /// <summary>Take one from the queue, as a person wants it.</summary>
    public sealed record Cancel(FederationId Federation, string Cause) : IFederationCommand;

    /// <summary>End the federation, as a person wants it.</summary>
    /// <param name="Cause">Why.</param>
    /// <param name="Federation">Which, if it runs; null for the only one that does.</param>
    public sealed record Stop(string Cause, FederationId? Federation = null) : IFederationCommand;

    /// <summary>Try a failed federation's last round, or whatever it failed at, again.</summary>
    public sealed record Resume(FederationId Federation) : IFederationCommand;

    /// <summary>Try the open round, which failed, again, as the plan allows.</summary>
    /// <param name="Round">The round.</param>
    /// <param name="Retry">Which retry, from 1.</param>
    public sealed record TryAgain(RoundId Round, int Retry) : IFederationCommand;

    /// <summary>Open no further round, and end the open one by no limit, until it is to <see cref="Continue"/>.</summary>
    public sealed record Pause(FederationId Federation) : IFederationCommand;

    /// <summary>Go on after a pause.</summary>
    public sealed record Continue(FederationId Federation) : IFederationCommand;

    /// <summary>Give the weights of a federation that has ended back.</summary>
    public sealed record Remove(FederationId Federation) : IFederationCommand;
}
