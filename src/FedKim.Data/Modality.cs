namespace FedKim.Data;

/// <summary>
/// A kind of input: what readers, encoders and training must know of it, said once. A reader has one; an encoder reads one; in a plan a
/// picture or a signal is called as its kind, and the parts of a table have names of their own.
/// </summary>
public sealed class Modality
{
    private Modality(string kind, string words, int axes, int channels, Normalisation? normalisation = null) =>
        (Kind, Words, Axes, Channels, Normalisation) = (kind, words, axes, channels, normalisation);

    /// <summary>Pictures: [channels, height, width], 0 to 1; a grey one may have one channel.</summary>
    public static Modality Image { get; } = new("image", "images", axes: 3, channels: 3, Normalisation.OfPictures);

    /// <summary>Electrocardiograms: [leads, time], millivolts.</summary>
    public static Modality Signal { get; } = new("signal", "signals", axes: 2, channels: 12);

    /// <summary>Tables over time: [time, variables], standardised by the plan's constants; what was not measured is masked.</summary>
    public static Modality Table { get; } = new("table", "a table over time", axes: 2, channels: 0);

    /// <summary><c>image</c>, <c>signal</c> or <c>table</c>.</summary>
    public string Kind { get; }

    /// <summary>The kind within a sentence.</summary>
    public string Words { get; }

    /// <summary>Axes of one sample's values.</summary>
    public int Axes { get; }

    /// <summary>Channels or leads that an encoder of it has; 0 where the plan names them.</summary>
    public int Channels { get; }

    /// <summary>How its values are brought to the scale that encoders learn at; null where they come at it.</summary>
    public Normalisation? Normalisation { get; }

    /// <summary>The one name that a plan calls it by; null where the plan gives names of its own.</summary>
    public string? Name => Channels == 0 ? null : Kind;

    /// <inheritdoc/>
    public override string ToString() => Kind;
}
