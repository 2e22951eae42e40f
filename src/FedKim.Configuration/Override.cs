namespace FedKim.Configuration;

/// <summary>A value that an option of the command line, or an experiment's file, sets in place of the file's.</summary>
/// <param name="Key">Full key, e.g. <c>federation.seed</c>.</param>
/// <param name="Value">The value as HOCON.</param>
/// <param name="Option">What says so, e.g. <c>--seed</c>, or the place in the experiment's file; named in errors.</param>
public sealed record Override(string Key, string Value, string Option);
