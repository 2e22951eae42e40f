namespace FedKim.Chaos.Running;

/// <summary>A scenario saw what it must not see, or did not see what it must.</summary>
internal sealed class ScenarioFailure(string message) : Exception(message);
