namespace FedKim.Data;

/// <summary>
/// Reads one of the samples that a data set lists; null when it is no sample of the task, or of a patient who is not wanted. Readers hand
/// on one for each, so that a bad sample is one sample's error and not the whole set's.
/// </summary>
/// <exception cref="DataException">The sample is missing, corrupt, truncated or mislabelled.</exception>
internal delegate Sample? ListedSample();
