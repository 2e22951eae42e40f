namespace FedKim.Rounds;

/// <summary>A plan calls something by a name that this node does not know.</summary>
/// <param name="kind">What is called so, e.g. <c>strategy</c>.</param>
/// <param name="name">The name.</param>
/// <param name="known">The names that this node knows.</param>
public sealed class UnknownNameException(string kind, string name, IEnumerable<string> known) : Exception(
    $"{kind} is '{name}'; known are {string.Join(", ", known)}. If a package of your own adds it, name its file in fedkim.extensions of this node's file; else correct the name.")
{
    /// <summary>What is called so.</summary>
    public string Kind => kind;

    /// <summary>The name.</summary>
    public string Name => name;
}
