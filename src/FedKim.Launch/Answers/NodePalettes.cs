using System.Collections.Immutable;
using FedKim.Commands.Handlers;
using FedKim.Rounds;

namespace FedKim.Launch.Answers;

/// <summary>Every command that a node answers.</summary>
public static class NodePalettes
{
    /// <summary>Their palettes, in the order in which help lists them; a package's own are added at the start of a process.</summary>
    public static NameTable<INodePalette> Known { get; } = new(
        "palette",
        one => one.Palette.Name,
        new NodePalette(), new ClusterPalette(), new FederationPalette(), new RoundPalette(), new ClientPalette(), new PlanPalette(), new InjectorPalette(), new TransferPalette(),
        new JournalPalette(), new LogPalette(), new CertsPalette(), new ActorPalette(), new SystemPalette());

    /// <summary>The commands, in that order.</summary>
    public static ImmutableArray<Command<IAnsweringNode>> All => [.. Known.All.SelectMany(one => one.Commands)];

    /// <summary>Adds a palette of a package.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="ArgumentException">Its name is taken, or its commands are not well formed; the message goes on after what adds it.</exception>
    public static string Add(INodePalette own)
    {
        string name = own.Palette.Name;
        if (own.Commands.FirstOrDefault(command => command.Asked.Palette != name) is { } strange)
            throw new ArgumentException($"adds the palette {name} with a command of another, {strange.Asked.Palette} {strange.Name}. Make it with this palette.");
        try
        {
            CommandTable.Of<IAnsweringNode>(null!, own.Commands);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"adds the palette {name}, and {e.Message}", e);
        }

        return Known.Add(own);
    }
}
