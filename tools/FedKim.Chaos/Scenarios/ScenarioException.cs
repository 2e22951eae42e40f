namespace FedKim.Chaos.Scenarios;

/// <summary>A scenario file that cannot be read; the message names file and line.</summary>
internal sealed class ScenarioException(string message) : Exception(message);
