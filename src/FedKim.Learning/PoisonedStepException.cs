namespace FedKim.Learning;

/// <summary>A step that gave no usable numbers or that the device gave up. The state in memory is worthless; the last checkpoint is not.</summary>
/// <param name="step">The step, from 1.</param>
/// <param name="message">What happened and what to change.</param>
internal sealed class PoisonedStepException(long step, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The step, from 1.</summary>
    internal long Step => step;
}
