using System.Collections.Immutable;

namespace FedKim.Commands.Palettes;

/// <summary>A named group of commands, as the host pushes it to its clients: <c>round</c> holds <c>list</c> and <c>show</c>.</summary>
public sealed record CommandPalette(string Name, string Help, ImmutableArray<CommandDefinition> Commands);
