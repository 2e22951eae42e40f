namespace FedKim.Node.Configuration;

/// <summary>A value that an option of the command line sets in place of the file's.</summary>
/// <param name="Key">Full key, e.g. <c>federation.seed</c>.</param>
/// <param name="Value">The value as HOCON.</param>
/// <param name="Option">The option that says so, e.g. <c>--seed</c>; named in errors.</param>
public sealed record Override(string Key, string Value, string Option);
