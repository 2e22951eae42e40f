using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Models.Foundation;

/// <summary>Lets a foundation model go on with what it has read, many rows at a time.</summary>
/// <remarks>
/// A row gives what it gives alone, whatever its batch: padding is not seen, every row has its own generator, and a row that has ended is not
/// read any further. Other batches round otherwise in the last bits, which can only tell where two tokens are as good as equally likely.
/// </remarks>
public static class Generation
{
    /// <summary>Continues prompts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Ids, at least one a prompt (<see cref="FoundationTokenizer.EncodePrompt"/>).</param>
    /// <param name="most">Most tokens to add to each.</param>
    /// <param name="sampling">How tokens are drawn; null takes the likeliest.</param>
    /// <returns>The added ids, row by row, without the one that ends a text.</returns>
    /// <exception cref="FoundationException">A prompt is longer than the model's longest sequence.</exception>
    public static int[][] Continue(this FoundationModel model, IReadOnlyList<int[]> prompts, int most, Sampling? sampling = null)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        var (ids, mask) = PaddedRows.Of(prompts, model.Config.PadId, model.Device, left: true);
        return model.Generate(model.Embed(ids), mask, most, sampling: sampling);
    }

    /// <summary>Continues embedded sequences. A row ends at a token that ends a text, after <paramref name="most"/> tokens, or where the model's longest sequence is full.</summary>
    /// <param name="model">The model.</param>
    /// <param name="embeddings">[batch, tokens, hidden]; the last token of every row is real.</param>
    /// <param name="mask">Bool, [batch, tokens]; null when all are real.</param>
    /// <param name="most">Most tokens to add.</param>
    /// <param name="adapter">What stands beside the projections; null for the bare model.</param>
    /// <param name="stopAtEnd">Whether a row ends at a token that ends a text, which is then left out.</param>
    /// <param name="sampling">How tokens are drawn; null takes the likeliest.</param>
    /// <returns>The added ids, row by row.</returns>
    public static int[][] Generate(
        this FoundationModel model, Tensor embeddings, Tensor? mask, int most, ProjectionAdapter? adapter = null, bool stopAtEnd = true,
        Sampling? sampling = null)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        int batch = (int)embeddings.shape[0];
        var rows = Enumerable.Range(0, batch).Select(_ => new List<int>()).ToArray();
        var generators = rows.Select((_, row) => sampling?.Generator(row)).ToArray();
        long[] lengths = mask is null ? [.. rows.Select(_ => embeddings.shape[1])] : mask.sum(1).cpu().data<long>().ToArray();
        bool[] ended = new bool[batch];
        // No row gains more tokens than the context has.
        using var cache = model.NewCache(batch, embeddings.shape[1] + Math.Min(most, model.Config.MaxPositionEmbeddings));
        var (next, nextMask) = (embeddings, mask);
        for (int step = 0; step < most && ended.Contains(false); step++)
        {
            using var stepScope = NewDisposeScope();
            var logits = model.Logits(model.Read(next, nextMask, adapter, cache).select(1, -1));
            long[] chosen = sampling is null ? logits.argmax(-1).cpu().data<long>().ToArray() : Draw(logits, sampling, generators!);
            for (int row = 0; row < batch; row++)
            {
                ended[row] |= stopAtEnd && model.Config.EosTokenIds.Contains((int)chosen[row]);
                if (!ended[row])
                    rows[row].Add((int)chosen[row]);
                ended[row] |= lengths[row] + rows[row].Count > model.Config.MaxPositionEmbeddings;
            }

            next = model.Embed(tensor(chosen, device: model.Device).unsqueeze(1)).MoveToOuterDisposeScope();
            nextMask = tensor(ended.Select(end => !end).ToArray(), device: model.Device).unsqueeze(1).MoveToOuterDisposeScope();
        }

        return [.. rows.Select(r => r.ToArray())];
    }

    private static long[] Draw(Tensor logits, Sampling sampling, SeededGenerator[] generators)
    {
        int vocabulary = (int)logits.shape[1];
        float[] values = logits.cpu().data<float>().ToArray();
        return [.. generators.Select((random, row) => (long)sampling.Draw(values.AsSpan(row * vocabulary, vocabulary), random))];
    }
}
