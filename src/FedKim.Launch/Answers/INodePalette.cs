using System.Collections.Immutable;
using FedKim.Commands.Handlers;

namespace FedKim.Launch.Answers;

/// <summary>
/// Commands that a node answers, under one name: <c>pbm NODE PALETTE COMMAND</c>. FedKim's own are nothing else, and a package adds some by a
/// public class with a constructor without parameters.
/// </summary>
public interface INodePalette
{
    /// <summary>Its name, and what its commands are about.</summary>
    Palette<IAnsweringNode> Palette { get; }

    /// <summary>Its commands, made by it, in the order in which help lists them.</summary>
    ImmutableArray<Command<IAnsweringNode>> Commands { get; }
}
