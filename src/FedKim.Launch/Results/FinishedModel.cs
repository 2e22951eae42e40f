using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Configuration;
using FedKim.Launch.Reports;
using FedKim.Models;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Launch.Results;

/// <summary>The model that a federation ended with, and what it is measured with.</summary>
/// <param name="Plan">The federation.</param>
/// <param name="Global">The global model after the last round.</param>
/// <param name="Aggregate">The last round's aggregate.</param>
/// <param name="Adapter">The adapters.</param>
/// <param name="Data">The server's data folder.</param>
public sealed record FinishedModel(FederationPlan Plan, WeightFile Global, WeightFile Aggregate, WeightFile Adapter, string Data)
{
    /// <summary>With which bits it was computed, of <see cref="TorchBits.All"/>: measured with others it would have other last digits than its report.</summary>
    public string Bits { get; init; } = TorchBits.ThisMachine;

    /// <summary>Finds the model in the folder of a run of <c>fedkim up</c>.</summary>
    /// <param name="run">The folder.</param>
    /// <param name="data">Folder with a folder a site, in place of the one that the run read.</param>
    /// <exception cref="InvalidConfigurationException">The run has not ended with a model, or its files are gone or damaged.</exception>
    public static FinishedModel Of(string run, string? data)
    {
        var folder = new RunFolder(Path.GetFullPath(run), Resumed: true);
        if (!File.Exists(folder.Federation))
            throw Wrong(run, "there is no run of fedkim up in this folder. Name the folder that --work named, or one below work.");
        if (!File.Exists(folder.Report))
            throw Wrong(run, $"the run has no report yet. Take it to its end with: fedkim up --until-done --work {run}");
        try
        {
            var last = Report.Parse(File.ReadAllText(folder.Report)).Rounds.LastOrDefault(round => round.IsCommitted)
                ?? throw Wrong(run, "no round of it was committed, so there is no model.");
            return new FinishedModel(
                folder.Plan(),
                Weights(folder, run, last.GlobalSha256),
                Weights(folder, run, last.AggregateSha256),
                Weights(folder, run, last.AdapterSha256),
                ServerData(data ?? folder.DataUsed ?? folder.Data))
            {
                Bits = folder.BitsUsed ?? TorchBits.ThisMachine,
            };
        }
        catch (JsonException e)
        {
            throw Wrong(run, $"{folder.Report} is damaged: {e.Message} Write it anew with: fedkim up --until-done --work {run}");
        }
    }

    /// <summary>The folder of the server's data in one with a folder a site.</summary>
    /// <exception cref="InvalidConfigurationException">There is none.</exception>
    public static string ServerData(string data)
    {
        string folder = Path.Combine(Path.GetFullPath(data), SiteNames.Server);
        return Directory.Exists(folder) ? folder : throw new InvalidConfigurationException(
            [$"--data {data}: there is no folder {SiteNames.Server} in it, which holds the development and the test data. Name a folder with a folder a site."]);
    }

    // Any server may have led last, and the injector keeps what it sent.
    private static WeightFile Weights(RunFolder folder, string run, string? digest)
    {
        if (!Digest.TryParse(digest, out var wanted))
            throw Wrong(run, "its report does not name all files of the last round's model.");
        ImmutableArray<string> nodes = [.. Enumerable.Range(1, folder.Servers).Select(SiteNames.NumberedServer), SiteNames.Injector];
        return nodes.Select(node => new WeightFile(Path.Combine(folder.Path, node, "weights", wanted.Hex), wanted))
            .FirstOrDefault(file => File.Exists(file.Path) && Digests.OfFile(file.Path) == wanted)
            ?? throw Wrong(run, $"no server of it holds {wanted.Short}… whole any more, which its last round ended with.");
    }

    private static InvalidConfigurationException Wrong(string run, string problem) => new([$"--run {run}: {problem}"]);
}
