using System.Collections.Immutable;
using System.Globalization;
using FedKim.Configuration;
using FedKim.Rounds;

namespace FedKim.Experiments;

/// <summary>An experiment with what each of its federations follows.</summary>
/// <param name="Plan">Methods, seeds, tables.</param>
/// <param name="Federation">Path of the federation file that all methods start from.</param>
/// <param name="Settings">Method → what it sets in place of the federation file's.</param>
public sealed record Experiment(ExperimentPlan Plan, string Federation, ImmutableDictionary<string, ImmutableArray<Override>> Settings)
{
    /// <summary>What a cell sets in place of the federation file's: its method's settings and its seed.</summary>
    public ImmutableArray<Override> SettingsOf(Cell cell) =>
        Settings[cell.Method].Add(new Override("federation.seed", cell.Seed.ToString(CultureInfo.InvariantCulture), "experiment.seeds"));

    /// <summary>The federation of a cell.</summary>
    /// <exception cref="InvalidConfigurationException">The federation file, or a setting in its place, cannot be used.</exception>
    public FederationPlan FederationOf(Cell cell) => FederationFile.Parse(Federation, SettingsOf(cell)).Plan;

    /// <summary>The sites that a cell's data is dealt to, whether or not its method trains there.</summary>
    public ImmutableArray<string> SitesOf(Cell cell) => FederationFile.Sites(Federation, SettingsOf(cell));
}
