namespace FedKim.Rounds;

/// <summary>Marks what a federation can be asked to do.</summary>
public interface IFederationCommand;

/// <summary>What a federation can be asked to do. Every command is idempotent: saying it twice changes nothing.</summary>
public static class FederationCommands
{
    /// <summary>Start a federation by this plan. Refused while another one runs.</summary>
    public sealed record Submit(FederationPlan Plan) : IFederationCommand;

    /// <summary>Go on under the coordinator of this epoch, on this node.</summary>
    public sealed record TakeOver(int Epoch, string Node) : IFederationCommand;

    /// <summary>The first global model and adapters are there.</summary>
    public sealed record RecordInitialization(Digest GlobalModel, Digest Adapter) : IFederationCommand;

    /// <summary>A round ended.</summary>
    public sealed record RecordRound(Round Round) : IFederationCommand;

    /// <summary>The finished model was measured.</summary>
    /// <param name="Evaluation">Task evaluations as a JSON array; read by the learning floor alone.</param>
    public sealed record RecordEvaluation(string Evaluation) : IFederationCommand;

    /// <summary>Give the federation up.</summary>
    public sealed record Abandon(string Cause) : IFederationCommand;
}
