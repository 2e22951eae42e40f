namespace FedKim.Rounds;

/// <summary>A hospital's name as its certificate and its configuration give it. Ordered ordinally: sums run in this order.</summary>
/// <param name="Value">Lower-case letters, digits and hyphens, 1 to 63 characters.</param>
public readonly record struct ClientId(string Value) : IComparable<ClientId>
{
    /// <inheritdoc/>
    public int CompareTo(ClientId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
