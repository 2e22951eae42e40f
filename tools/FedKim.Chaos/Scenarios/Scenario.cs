using System.Collections.Immutable;

namespace FedKim.Chaos.Scenarios;

/// <summary>One federation and what is done to it, in order. The result is compared with that of an undisturbed run.</summary>
/// <param name="Name">What it shows; unique in a suite.</param>
/// <param name="Setting">What it is tried on.</param>
/// <param name="Steps">What happens, from the submission of the federation on.</param>
internal sealed record Scenario(string Name, Setting Setting, ImmutableArray<IStep> Steps)
{
    /// <summary>Whether it ends without a model, as it must.</summary>
    public bool ExpectsFailure => Steps.Any(s => s is Scenarios.Steps.ExpectFailed);

    /// <summary>The scenario as it is written in a file.</summary>
    public override string ToString() => string.Join('\n', Setting.Lines().Prepend($"scenario {Name}").Concat(Steps.Select(s => $"  {s}"))) + "\n";
}
