namespace FedKim.Learning;

/// <summary>What one method says of one sample. From these every figure of an evaluation can be made again, and methods compared sample by sample.</summary>
/// <param name="Sample">Stands for the sample, within its federation only: equal for all methods, seeds and tasks that show the same one.</param>
/// <param name="Patient">Stands for whose it is, in the same way.</param>
/// <param name="Task">The task.</param>
/// <param name="Method">The federation's method, <c>small-models</c>, or a <see cref="Control"/>.</param>
/// <param name="Seed">The federation's seed.</param>
/// <param name="Split">Which split was measured.</param>
/// <param name="Label">0 or 1; null where the answer is generated.</param>
/// <param name="Score">The log-probability of the positive answer less that of the negative one; null where the answer is generated.</param>
/// <param name="Answer">What is said freely, in small letters; null where nothing is said.</param>
/// <param name="Wanted">The answer in words that was wanted; null where the label says all.</param>
public sealed record Prediction(
    string Sample, string Patient, string Task, string Method, long Seed, string Split, int? Label, double? Score, string? Answer, string? Wanted)
{
    /// <summary>The group that the sample belongs to, as its data set says it; null where the task's source names no column of groups.</summary>
    public string? Group { get; init; }
}
