using FedKim.Learning.Metrics;
using FedKim.Models.Encoders;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>
/// What a sample says without being looked at: of a picture or a signal its mean and deviation, of a table how many of its hours have a row
/// and how many of its cells a value.
/// </summary>
internal static class Shortcut
{
    /// <summary>The figures of every sample.</summary>
    /// <param name="data">The samples.</param>
    /// <returns>[sample][two figures a modality].</returns>
    internal static double[][] Figures(TaskData data)
    {
        using var scope = NewDisposeScope();
        double[][] columns = [.. data.Inputs.SelectMany(input => Columns(input.Tensors)).Select(column => column.to(float64).data<double>().ToArray())];
        return [.. Enumerable.Range(0, data.Count).Select(sample => columns.Select(column => column[sample]).ToArray())];
    }

    /// <summary>The log-odds that a logistic regression on these figures gives the samples, learned from others.</summary>
    /// <param name="development">What it learns from; must have both labels.</param>
    /// <param name="data">What it is asked about.</param>
    internal static double[] Scores(TaskData development, TaskData data)
    {
        var regression = LogisticRegression.Of(Figures(development), development.Labels);
        return [.. Figures(data).Select(regression.LogOdds)];
    }

    // Each of length n.
    private static Tensor[] Columns(ModalityBatch batch)
    {
        if (batch.Measured is { } measured)
            return [measured.amax([2L]).sum(1), measured.sum([1L, 2L])];
        var flat = batch.Values.flatten(1);
        return [flat.mean([1L]), flat.std(1, unbiased: false)];
    }
}
