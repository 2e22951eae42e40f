using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FedKim.Experiments;

/// <summary>An experiment: every method under every seed, and the tables that are made of them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Seeds">Each once.</param>
/// <param name="Methods">What is compared.</param>
/// <param name="Tables">What is told of it.</param>
public sealed record ExperimentPlan(string Name, ImmutableArray<long> Seeds, ImmutableArray<ComparedMethod> Methods, ImmutableArray<TablePlan> Tables)
{
    /// <summary>What it does otherwise than what its tables stand for, a sentence each; null where nothing is said of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? Deviations { get; init; }

    /// <summary>The federations to run, seed by seed, so that an experiment that is cut short has compared all methods under some seeds.</summary>
    [JsonIgnore]
    public ImmutableArray<Cell> Cells => [.. Seeds.SelectMany(seed => Methods.Select(method => new Cell(method.Key, seed)))];
}

/// <summary>One way to make a model: a federation file with some settings of its own.</summary>
/// <param name="Key">Its name in the experiment's file.</param>
/// <param name="Title">What tables call it.</param>
public sealed record ComparedMethod(string Key, string Title)
{
    /// <summary>The tasks of other methods that its federation does not have, so that tables have no rows of it there; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? Without { get; init; }

    /// <summary>Whether its federation has a task.</summary>
    public bool Has(string task) => Without is not { } others || !others.Contains(task);
}

/// <summary>One federation: a method under a seed.</summary>
/// <param name="Method">The method's key.</param>
/// <param name="Seed">The federation's seed.</param>
public sealed record Cell(string Method, long Seed)
{
    /// <summary>The cell's name, and its folder's.</summary>
    public string Name => $"{Method}-seed{Seed}";

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Which tasks, methods and rates a table shows, each in its order.</summary>
/// <param name="Key">Its name in the experiment's file, and of its figure's files.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Tasks">Names of tasks.</param>
/// <param name="Methods">Keys of methods.</param>
/// <param name="Rates">Of <see cref="Rate.All"/>. The verdict compares by the first of them that a task has; a radar draws it.</param>
/// <param name="Radar">Whether it is drawn as a radar, a spoke a task and a line a method.</param>
/// <param name="Rival">The key of the method that the others are compared with as well; null where there is none.</param>
public sealed record TablePlan(
    string Key, string Title, ImmutableArray<string> Tasks, ImmutableArray<string> Methods, ImmutableArray<string> Rates, bool Radar = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Rival = null)
{
    /// <summary>The published table or figure that it is to be laid beside; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StandsFor { get; init; }

    /// <summary>Task → the column of its groups, of each of which it has a row below a method's; null where groups are not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, string>? Groups { get; init; }
}
