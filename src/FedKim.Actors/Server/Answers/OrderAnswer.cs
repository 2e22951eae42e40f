using FedKim.Protocol;
using FedKim.Rounds;
using static FedKim.Rounds.FederationCommands;

namespace FedKim.Actors;

/// <summary>What an operator hears of an order, once what it caused is stored.</summary>
internal static class OrderAnswer
{
    /// <summary>Of an order with a plan that is none.</summary>
    public static IWireMessage Unreadable { get; } = new OperatorMessages.Refused("The plan cannot be read: another version made it. Submit it with the fedkim that the servers run.");

    /// <summary>The federation that the order was about, or why it was not followed.</summary>
    /// <param name="federation">The federation after the order.</param>
    /// <param name="order">The order.</param>
    /// <exception cref="ArgumentOutOfRangeException">No operator gives such an order.</exception>
    public static IWireMessage Of(Federation federation, IFederationCommand order) => order switch
    {
        Submit submit => Of(federation, submit.Plan.Id, FederationRules.Refusal(federation, submit.Plan)),
        Resume resume => Of(federation, resume.Federation, FederationRules.Refusal(federation, resume)),
        Remove remove => Of(federation, remove.Federation, FederationRules.Refusal(federation, remove)),
        Stop => federation switch
        {
            { Phase: FederationPhase.Stopped } => View.Of(federation),
            { Plan: { } plan } => new OperatorMessages.Refused($"Federation {plan.Id} is {federation.Phase} already; there is nothing to stop."),
            _ => new OperatorMessages.Refused("No federation was submitted yet; there is nothing to stop."),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "No order of an operator."),
    };

    private static IWireMessage Of(Federation federation, FederationId id, string? refusal) =>
        refusal is null ? View.Of(federation.Named(id)!) : new OperatorMessages.Refused(refusal);
}
