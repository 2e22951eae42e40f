using FedKim.Learning;
using FedKim.Parameters;

namespace FedKim.Actors;

/// <summary>An earlier federation's model as the start of another one.</summary>
internal static class StartModel
{
    /// <summary>Whether it has the tensors that a new one of the plan would have.</summary>
    /// <param name="made">Path of a new one.</param>
    /// <param name="given">Path of the earlier one.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="LearningException">It has other tensors, or is no safetensors file.</exception>
    public static void Check(string made, string given, string what)
    {
        using var expected = SafetensorsFile.Open(made);
        try
        {
            using var actual = SafetensorsFile.Open(given);
            foreach (var tensor in expected.Tensors.Values)
            {
                if (!actual.Tensors.TryGetValue(tensor.Name, out var has))
                    throw Wrong($"lacks {tensor.Name}, {tensor.DType.Name()} {tensor.ShapeText}");
                if (!has.Fits(tensor))
                    throw Wrong($"has {tensor.Name} as {has.DType.Name()} {has.ShapeText}, and this plan wants {tensor.DType.Name()} {tensor.ShapeText}");
            }

            if (actual.Tensors.Keys.FirstOrDefault(name => !expected.Tensors.ContainsKey(name)) is { } more)
                throw Wrong($"has {more}, which this plan has no use for");
        }
        catch (SafetensorsException e) when (e.File != made)
        {
            throw new LearningException($"The {what} named by start-from cannot be read: {e.Problem}", e);
        }

        LearningException Wrong(string problem) =>
            new($"The {what} named by start-from {(what.EndsWith('s') ? "do" : "does")} not fit this plan: one {problem}. Start from a federation with the same encoders, tasks and adapters.");
    }
}
