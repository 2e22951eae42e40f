using FedKim.Data;
using FedKim.Models.Encoders;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>
/// Varies samples by chance in ways that leave their labels true, so that few samples teach what holds for all: a signal begins elsewhere, is
/// louder or softer, or misses a lead; an image is moved, and its contrast and brightness change; a measurement of a clinical table is missing.
/// </summary>
/// <remarks>Each sample varies by a generator of its own: in whatever parts a batch is computed, its samples are the same.</remarks>
/// <param name="strength">0 (nothing varies) to 1.</param>
/// <param name="seed">Another for every step, so that a sample is hardly ever seen twice the same.</param>
internal sealed class Augmentation(double strength, long seed)
{
    private const double Shortening = 0.3;
    private const double Loudness = 0.2;
    private const double SilentLead = 0.1;
    private const double Shift = 1 / 16.0;
    private const double Contrast = 0.1;
    // In deviations of a pixel's value.
    private const double Brightness = 0.2;
    private const double Unmeasured = 0.15;

    /// <summary>One modality of the samples at these places, varied; the caller's scope owns it.</summary>
    /// <param name="modality">Its name; a sample's modalities vary each on its own.</param>
    /// <param name="places">The samples' places, one a row of the batch.</param>
    /// <param name="batch">The samples as they are.</param>
    /// <param name="kind">What they are.</param>
    internal ModalityBatch Vary(string modality, ReadOnlySpan<int> places, ModalityBatch batch, Modality kind)
    {
        if (strength == 0)
            return batch;
        SeededGenerator[] chance = [.. places.ToArray().Select(place => SeededGenerator.Derive(seed, modality, place))];
        return kind == Modality.Table ? Clinical(chance, batch)
            : new ModalityBatch(kind == Modality.Image ? Image(chance, batch.Values) : Signal(chance, batch.Values));
    }

    // A window of the recording, the same length for all; whole leads are silent, as when an electrode falls off.
    private Tensor Signal(SeededGenerator[] chance, Tensor values)
    {
        using var scope = NewDisposeScope();
        int leads = (int)values.shape[1], whole = (int)values.shape[2], window = Math.Max(1, (int)(whole * (1 - (Shortening * strength))));
        var start = Numbers(chance, 1, c => c.NextInt(whole - window + 1)).to(ScalarType.Int64).unsqueeze(-1);
        var gain = Numbers(chance, 1, Gain(Loudness)).unsqueeze(-1);
        var heard = Numbers(chance, leads, c => c.Chance(SilentLead * strength) ? 0 : 1).unsqueeze(-1);
        var time = (start + arange(window)).expand(values.shape[0], leads, window);
        return values.gather(2, time).mul(gain).mul(heard).MoveToOuterDisposeScope();
    }

    private Tensor Image(SeededGenerator[] chance, Tensor values)
    {
        using var scope = NewDisposeScope();
        var moved = values;
        for (int axis = 2; axis <= 3; axis++)
        {
            int size = (int)values.shape[axis], most = (int)Math.Round(size * Shift * strength);
            var by = Numbers(chance, 1, c => c.NextInt((2 * most) + 1) - most).to(ScalarType.Int64);
            // What comes in at an edge is the edge again.
            var from = (by + arange(size)).clamp(0, size - 1).view(axis == 2 ? [-1, 1, size, 1] : [-1, 1, 1, size]);
            moved = moved.gather(axis, from.expand(values.shape));
        }

        var (contrast, brightness) = (Numbers(chance, 1, Gain(Contrast)), Numbers(chance, 1, c => c.NextGaussian() * Brightness * strength));
        return moved.mul(contrast.view(-1, 1, 1, 1)).add(brightness.view(-1, 1, 1, 1)).MoveToOuterDisposeScope();
    }

    private ModalityBatch Clinical(SeededGenerator[] chance, ModalityBatch batch)
    {
        using var scope = NewDisposeScope();
        var kept = Numbers(chance, (int)(batch.Values.shape[1] * batch.Values.shape[2]), c => c.Chance(Unmeasured * strength) ? 0 : 1).view(batch.Values.shape);
        return new ModalityBatch(batch.Values.mul(kept).MoveToOuterDisposeScope(), batch.Measured!.mul(kept).MoveToOuterDisposeScope(), batch.Present);
    }

    private Func<SeededGenerator, double> Gain(double deviation) => c => Math.Exp(c.NextGaussian() * deviation * strength);

    // [samples, count], each sample's from its own generator.
    private static Tensor Numbers(SeededGenerator[] chance, int count, Func<SeededGenerator, double> draw)
    {
        float[] all = new float[chance.Length * count];
        for (int i = 0; i < all.Length; i++)
            all[i] = (float)draw(chance[i / count]);
        return tensor(all).view(chance.Length, count);
    }
}
