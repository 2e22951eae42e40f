using System.Collections.Immutable;

namespace FedKim.Actors.Hospital.Plans;

/// <summary>For which plans a site trains.</summary>
public enum AcceptedPlans
{
    /// <summary>For whatever a server asks that the site has a line to; what a person here refused excepted.</summary>
    Certified = 0,

    /// <summary>For those that the node's file names.</summary>
    Listed = 1,

    /// <summary>For those that a person here has approved.</summary>
    Ask = 2,
}

/// <summary>What a node's file says of it.</summary>
/// <param name="Plans">For which plans it trains.</param>
/// <param name="Listed">Those it names: a federation's name, whatever its plan, or a plan's whole digest, 64 hexadecimal digits.</param>
public sealed record PlanAcceptance(AcceptedPlans Plans, ImmutableArray<string> Listed)
{
    /// <summary>Trains for whatever a server asks.</summary>
    public static PlanAcceptance Certified { get; } = new(AcceptedPlans.Certified, []);

    /// <summary>Those that look like the beginning of a digest, and count as a federation's name alone.</summary>
    internal IEnumerable<string> Begun => Listed.Where(one => one.Length is >= 8 and < PlanDigits.All && one.All(char.IsAsciiHexDigit));

    /// <summary>Whether it names a plan. What is written like a whole digest is no federation's name: a server chooses that.</summary>
    internal bool Names(string federation, string digest) =>
        Listed.Contains(digest, StringComparer.OrdinalIgnoreCase) || (!PlanDigits.AreWhole(federation) && Listed.Contains(federation));
}
