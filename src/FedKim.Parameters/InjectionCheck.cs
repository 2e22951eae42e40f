using System.Collections.Immutable;

namespace FedKim.Parameters;

/// <summary>Whether what an injector hands back may become a round's result, or a federation's start.</summary>
public static class InjectionCheck
{
    /// <summary>
    /// Null when the model holds exactly the aggregate's tensors without the moments and the adapters exactly those they started as, each of
    /// its type and shape, finite throughout, and the model no further from the aggregate than the bound; else what is wrong.
    /// </summary>
    /// <param name="aggregate">What was injected.</param>
    /// <param name="start">The adapters it began with.</param>
    /// <param name="global">The model that came back.</param>
    /// <param name="adapter">The adapters that came back.</param>
    /// <param name="maxNorm">The greatest L2 norm of model minus aggregate; infinity for no bound.</param>
    /// <exception cref="DamagedException">A file is not the one its digest stands for: the injector is not blamed for it.</exception>
    public static string? Refusal(WeightFile aggregate, WeightFile start, WeightFile global, WeightFile adapter, double maxNorm = double.PositiveInfinity) =>
        Refusal("the model", global, aggregate, maxNorm) ?? Refusal("the adapters", adapter, start, double.PositiveInfinity);

    /// <summary>
    /// Null when a federation may start from this model and these adapters: every part of the plan has tensors, and all are finite; else what
    /// is wrong.
    /// </summary>
    /// <exception cref="DamagedException">A file is not the one its digest stands for: the injector is not blamed for it.</exception>
    public static string? Refusal(WeightFile global, WeightFile adapter, ImmutableSortedDictionary<string, ImmutableArray<string>> parts) =>
        Read("the model", global, model => Empty([.. model.Tensors.Keys], parts) ?? Wrong(model, model, double.PositiveInfinity))
        ?? Read("the adapters", adapter, adapters => Wrong(adapters, adapters, double.PositiveInfinity));

    // What stays at the sites is named by people, who mistype, and may be all of another part; of each task something must be learned together.
    private static string? Empty(ImmutableArray<string> tensors, ImmutableSortedDictionary<string, ImmutableArray<string>> parts)
    {
        if (parts.Keys.FirstOrDefault(part => !tensors.Any(tensor => ModelParts.Covers(part, tensor))) is { } empty)
        {
            return parts.Stays(empty)
                ? $"none of its tensors is called {empty}, which local-tensors of the federation file names. They are called as {tensors.FirstOrDefault()}"
                : $"it has no tensor of {empty}";
        }

        var together = tensors.Select(parts.PartOf).OfType<string>().SelectMany(part => parts[part]).ToHashSet(StringComparer.Ordinal);
        return parts.Values.SelectMany(tasks => tasks).FirstOrDefault(task => !together.Contains(task)) is { } alone
            ? $"all that task {alone} trains stays at the sites: nothing of it would be learned together. Take a name out of local-tensors in the federation file"
            : null;
    }

    // What is handed back as it was needs no look: it was looked at before.
    private static string? Refusal(string what, WeightFile made, WeightFile from, double maxNorm)
    {
        if (made.Digest == from.Digest)
            return null;
        using var before = SafetensorsReader.Open(from);
        string? refusal = Read(what, made, after => WrongTensor(before, after) ?? Wrong(before, after, maxNorm));
        before.Verify();
        return refusal;
    }

    private static string? Read(string what, WeightFile made, Func<SafetensorsReader, string?> wrong)
    {
        try
        {
            using var file = SafetensorsReader.Open(made);
            string? refusal = wrong(file);
            file.Verify();
            return refusal is null ? null : $"{what} {made.Digest.Short}: {refusal}";
        }
        catch (SafetensorsException e) when (e.File == made.Path)
        {
            return $"{what} {made.Digest.Short}: no valid safetensors file: {(e.Tensor is null ? "" : $"tensor '{e.Tensor}' ")}{(e.Offset is null ? "" : $"at byte {e.Offset}: ")}{e.Problem}";
        }
    }

    private static string? WrongTensor(ITensorFile before, ITensorFile after)
    {
        foreach (var tensor in before.Tensors.Values.Where(t => !ServerMoments.Is(t.Name)))
        {
            if (!after.Tensors.TryGetValue(tensor.Name, out var made))
                return $"{tensor.Name} is missing, expected {tensor.DType.Name()} {tensor.ShapeText}";
            if (!made.Fits(tensor))
                return $"{tensor.Name} is {made.DType.Name()} {made.ShapeText}, expected {tensor.DType.Name()} {tensor.ShapeText}";
        }

        return after.Tensors.Keys.FirstOrDefault(name => ServerMoments.Is(name) || !before.Tensors.ContainsKey(name)) is { } unknown ? $"{unknown} is not expected" : null;
    }

    private static string? Wrong(ITensorFile before, ITensorFile after, double maxNorm) => UpdateCheck.WrongValues(
        before, after, maxNorm, "the aggregate", "Lower injection.learning-rate in the federation file, or agree on a wider bound");
}
