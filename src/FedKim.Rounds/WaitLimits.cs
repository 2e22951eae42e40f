namespace FedKim.Rounds;

/// <summary>
/// How long a federation waits for what only its own nodes can give, and for its sites before a round is opened. Null: as long as it takes. A wait
/// shows, and ends when the node comes; nothing is lost by it.
/// </summary>
/// <param name="FirstModel">For the injector to make the model that round 1 starts from.</param>
/// <param name="Aggregation">For the updates of a round to be summed.</param>
/// <param name="Injection">For the aggregate of a round to be injected, all attempts together.</param>
/// <param name="Publication">For the result of a round to be at the server.</param>
/// <param name="Evaluation">For the finished model to be measured.</param>
/// <param name="Opening">For enough sites to be here before a round is opened.</param>
public sealed record WaitLimits(
    TimeSpan? FirstModel = null, TimeSpan? Aggregation = null, TimeSpan? Injection = null, TimeSpan? Publication = null, TimeSpan? Evaluation = null,
    TimeSpan? Opening = null)
{
    /// <summary>As long as it takes, whatever is waited for.</summary>
    public static WaitLimits None { get; } = new();
}
