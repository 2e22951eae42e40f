using FedKim.Parameters;

namespace FedKim.Learning;

/// <summary>The steps of a long piece of work, one after another: a site's training of a round, or a round's injection.</summary>
internal interface ICourse
{
    /// <summary>Steps made.</summary>
    long Done { get; }

    /// <summary>Steps in all.</summary>
    long Total { get; }

    /// <summary>Makes the next step.</summary>
    /// <returns>Its loss.</returns>
    /// <exception cref="PoisonedStepException">It gave no usable numbers.</exception>
    double Step();

    /// <summary>What decides the steps to come; finite throughout.</summary>
    /// <exception cref="PoisonedStepException">A parameter is NaN or infinite.</exception>
    IEnumerable<TensorData> State();

    /// <summary>Goes on from a <see cref="State"/> that was kept.</summary>
    void Restore(SafetensorsFile checkpoint);

    /// <summary>Keeps what the last step poisoned after its loss was computed out of checkpoints and results.</summary>
    /// <exception cref="PoisonedStepException">A parameter is NaN or infinite.</exception>
    void RequireFinite();
}
