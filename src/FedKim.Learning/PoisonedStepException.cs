using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>A step that gave no usable numbers or that the device gave up. The state in memory is worthless; the last checkpoint is not.</summary>
/// <param name="step">The step, from 1.</param>
/// <param name="message">What happened and what to change.</param>
/// <param name="reason">What others may know of it, should it come again.</param>
internal sealed class PoisonedStepException(long step, string message, SiteReason reason, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What others may know of it.</summary>
    internal SiteReason Reason => reason;

    /// <summary>The step, from 1.</summary>
    internal long Step => step;
}
