namespace FedKim.Data;

/// <summary>A sample that was left out because it cannot be used.</summary>
/// <param name="File">The file at fault: the sample's own, or the list that names it.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record LeftOut(string File, string Reason);
