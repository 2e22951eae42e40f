using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Experiments;

/// <summary>
/// The folder of an experiment: <c>cells/METHOD-seedK</c>, each a run of <c>fedkim up</c>; <c>data</c>, where demo data was made for it;
/// and its results. One process at a time works in it.
/// </summary>
public sealed class ExperimentFolder : IDisposable
{
    private const string LockName = "experiment.lock", PlanName = "experiment.json";

    private static readonly JsonSerializerOptions PlanText = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _path;
    private readonly IDisposable _lock;

    private ExperimentFolder(string path, IDisposable held) => (_path, _lock) = (path, held);

    /// <summary>The results for readers.</summary>
    public string Markdown => Path.Combine(_path, "results.md");

    /// <summary>Opens the folder of an experiment that was run.</summary>
    /// <exception cref="InvalidConfigurationException">There is none, or another process works on it.</exception>
    public static ExperimentFolder Again(string folder) => File.Exists(Path.Combine(folder, LockName)) ? Open(folder)
        : throw new InvalidConfigurationException([$"{folder}: there is no experiment in this folder. Name the one that --out named."]);

    /// <summary>Opens a folder, which is made where it does not exist.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot be made, holds something else, or another process works in it.</exception>
    public static ExperimentFolder Open(string folder)
    {
        string path = Path.GetFullPath(folder), held = Path.Combine(path, LockName);
        try
        {
            Directory.CreateDirectory(path);
            if (!File.Exists(held) && Directory.EnumerateFileSystemEntries(path).Any())
                throw new InvalidConfigurationException([$"--out {folder}: the folder holds something that is no experiment. Name an empty or a new folder."]);
            return new ExperimentFolder(path, FolderLock.TryTake(held)
                ?? throw new InvalidConfigurationException([$"--out {folder}: another process works on this experiment. Wait for its end, or name another folder."]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException([$"--out {folder}: the folder cannot be written: {e.Message} Name another."]);
        }
    }

    /// <summary>A cell's folder.</summary>
    public CellFolder Of(Cell cell) => new(Path.Combine(_path, "cells", cell.Name));

    /// <summary>Where the demo's data for so many hospitals are; the same for all cells, so that methods differ in nothing else.</summary>
    public string DemoData(int hospitals) => Path.Combine(_path, "data", $"hospitals-{hospitals}");

    /// <summary>Looks how far a cell is. A run of another federation, or over other data, is set aside.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="plan">Its federation.</param>
    /// <param name="data">The folder of all sites' data; null where the federation reads none.</param>
    /// <param name="say">Told what is set aside, and why.</param>
    public CellOutcome Look(Cell cell, FederationPlan plan, string? data, Action<string> say)
    {
        var folder = Of(cell);
        if (folder.Difference(plan, data ?? new RunFolder(folder.Path, Resumed: true).Data) is { } difference)
            say($"{cell} begins anew, since {difference}; what was there is now {folder.SetAside()}");
        try
        {
            return folder.Finished() is { } report ? new CellOutcome(cell, CellState.Done, Report: report) : new CellOutcome(cell, CellState.Open);
        }
        catch (LearningException e)
        {
            say($"{cell} is asked for its report again: {e.Message}");
            return new CellOutcome(cell, CellState.Open);
        }
    }

    /// <summary>The experiment that was last run here.</summary>
    /// <exception cref="InvalidConfigurationException">None was, or what is kept of it cannot be read.</exception>
    public ExperimentPlan Plan()
    {
        string kept = Path.Combine(_path, PlanName);
        try
        {
            return JsonSerializer.Deserialize<ExperimentPlan>(File.ReadAllText(kept), PlanText) ?? throw new JsonException("there is nothing in it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidConfigurationException([$"{kept}: {e.Message} It says which tables are made; have it written with: fedkim experiment FILE --out {_path}"]);
        }
    }

    /// <summary>How far a cell is, by what lies in its folder alone.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="say">Told what cannot be read.</param>
    public CellOutcome Read(Cell cell, Action<string> say)
    {
        var folder = Of(cell);
        try
        {
            return folder.Reported() switch
            {
                null => new CellOutcome(cell, CellState.Open),
                { Completed: true } report => new CellOutcome(cell, CellState.Done, Report: folder.Complete(report)),
                { Cause: var cause } => new CellOutcome(cell, CellState.Failed, cause),
            };
        }
        catch (LearningException e)
        {
            say($"{cell}: {e.Message}");
            return new CellOutcome(cell, CellState.Open);
        }
    }

    /// <summary>
    /// Writes the results: <c>results.json</c>, <c>results.csv</c>, <c>results.md</c>, a figure for each table that is drawn, and one for each
    /// method's router, of the first seed that is done: the experts of another seed are others. Beside them, <c>experiment.json</c>: what
    /// was asked, by which they can be made again.
    /// </summary>
    public void Write(ExperimentResults results)
    {
        var figures = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in results.Tables.Where(table => table.Plan.Radar))
        {
            var radar = Radar.Of(table);
            if (!radar.CanBeDrawn)
                continue;
            string name = figures[table.Plan.Key] = $"{table.Plan.Key}.png";
            Draw(name, RadarDrawing.Of(radar));
        }
        var routers = ImmutableArray.CreateBuilder<(string Title, string File, string Verdict)>();
        foreach (var routed in results.Cells.Where(c => c.Report is { Routing.IsEmpty: false }).DistinctBy(c => c.Cell.Method))
        {
            var routing = routed.Report!.Routing;
            string title = $"{routed.Cell.Method}, seed {routed.Cell.Seed}", name = $"router-{routed.Cell.Method}.png";
            Draw(name, RoutingDrawing.Of($"How {title} weighs the experts", routing));
            routers.Add((title, name, RoutingTable.Verdict(routing)));
        }
        TextFile.Write(Path.Combine(_path, PlanName), JsonSerializer.Serialize(results.Plan, PlanText) + "\n");
        TextFile.Write(Path.Combine(_path, "results.json"), ResultsJson.Of(results));
        TextFile.Write(Path.Combine(_path, "results.csv"), ResultsCsv.Of(results));
        TextFile.Write(Markdown, ResultsMarkdown.Of(results, figures, routers.ToImmutable()));
    }

    private void Draw(string name, (byte[] Png, string Svg) drawing)
    {
        DurableFile.Write(Path.Combine(_path, name), drawing.Png);
        TextFile.Write(Path.Combine(_path, Path.ChangeExtension(name, ".svg")), drawing.Svg);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
