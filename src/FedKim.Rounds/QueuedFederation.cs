namespace FedKim.Rounds;

/// <summary>A federation that was submitted while another ran, and waits for its turn.</summary>
/// <param name="Plan">Its plan.</param>
/// <param name="Since">When it was queued.</param>
/// <param name="AwaitsStart">Whether the federation that it starts from had not ended then: it is that one's finished model which was meant.</param>
public sealed record QueuedFederation(FederationPlan Plan, DateTimeOffset Since, bool AwaitsStart);
