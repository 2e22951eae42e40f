namespace FedKim.Configuration;

/// <summary>A key that is written in a HOCON text.</summary>
/// <param name="Path">Full key.</param>
/// <param name="Characters">Characters of the text up to the next key.</param>
internal readonly record struct HoconItem(string Path, int Characters);
