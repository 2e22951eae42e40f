namespace FedKim.Parameters.Strategies;

/// <summary>Something that a strategy remembers of each learned value: a tensor of 32-bit floats beside each of the model's.</summary>
/// <param name="Name">Its name, lower-case letters: <c>m</c> stands in the aggregate as <c>server.m.</c> and the model's tensor.</param>
/// <param name="Start">Its value before the first round.</param>
public sealed record KeptTensor(string Name, double Start);
