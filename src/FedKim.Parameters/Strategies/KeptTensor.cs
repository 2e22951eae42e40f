namespace FedKim.Parameters.Strategies;

/// <summary>Something that a strategy remembers of each learned value: a tensor of 32-bit floats beside each of the model's.</summary>
/// <param name="Name">Its name, lower-case letters: <c>m</c> stands in the aggregate as <c>server.m.</c> and the model's tensor.</param>
/// <param name="Start">Its value before the first round.</param>
public sealed record KeptTensor(string Name, double Start)
{
    /// <summary>Those that a strategy names, whose names stand in the aggregate's.</summary>
    /// <exception cref="ArgumentException">A name is none, or there twice.</exception>
    internal static IReadOnlyList<KeptTensor> Checked(IReadOnlyList<KeptTensor> kept)
    {
        foreach (string name in kept.Select(k => k.Name))
        {
            if (name is not { Length: > 0 } || !name.All(char.IsAsciiLetterLower))
                throw new ArgumentException($"'{name}' is no name of what is kept: lower-case letters make one.");
            if (kept.Count(k => k.Name == name) > 1)
                throw new ArgumentException($"'{name}' is kept twice.");
        }
        return kept;
    }
}
