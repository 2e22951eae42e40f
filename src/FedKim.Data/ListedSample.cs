namespace FedKim.Data;

/// <summary>
/// Reads one of the samples that a data set lists; null when it is no sample of the task, or of a patient who is not wanted. Readers hand
/// on one for each, so that a bad sample is one sample's error and not the whole set's.
/// </summary>
/// <exception cref="DataException">The sample is missing, corrupt, truncated or mislabelled.</exception>
public delegate Sample? ListedSample();

/// <summary>Makes listed samples of patients.</summary>
internal static class ListedSamples
{
    /// <summary>A listed sample that is passed over where its patient is not wanted: neither read, nor counted, nor found at fault there.</summary>
    /// <param name="wanted">Which patients are.</param>
    /// <param name="patient">Whose it is; null where the files do not say.</param>
    /// <param name="read">Reads it.</param>
    public static ListedSample Of(Func<string, bool> wanted, Func<string?> patient, Func<Sample?> read) => () => Patient(patient) is { } known && !wanted(known) ? null : read();

    // Why nobody can tell whose it is, says the reading.
    private static string? Patient(Func<string?> patient)
    {
        try
        {
            return patient();
        }
        catch (DataException)
        {
            return null;
        }
    }
}
