namespace FedKim.Rounds;

/// <summary>A federation's name, unique on its cluster.</summary>
/// <param name="Value">Lower-case letters, digits and hyphens, 1 to 63 characters.</param>
public readonly record struct FederationId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}
