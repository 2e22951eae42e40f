using System.Text.Json.Nodes;
using FedKim.Actors;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Commands.Handlers;
using FedKim.Configuration;
using FedKim.Launch.Answers;
using FedKim.Launch.Reports;
using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Launch.Results;

/// <summary>Brings a federation's result into a folder, from a node of its cluster or from the folder of an ended run.</summary>
/// <param name="folder">A folder that is not there yet.</param>
/// <param name="foundation">Folder of the foundation model; null for the one that the plan names.</param>
public sealed class ResultExport(string folder, string? foundation)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);
    private const int Questions = 60;

    /// <summary>Fetches the weights by their digests from the server; where nodes show certificates, from the node that is asked, which is a server then.</summary>
    /// <exception cref="CommandException">The node is gone, knows no such federation, or it has no model.</exception>
    public async Task FromNodeAsync(NodeAddress node, string? name, CancellationToken cancel)
    {
        using var half = Begin();
        await using var client = await CommandClient.ConnectAsync(node, cancel: cancel);
        var result = await ResultAsync(client, name, cancel);
        var report = Report.Parse(await MessageAsync(client, FederationPalette.Report, name, cancel));
        var plan = JsonNode.Parse(await MessageAsync(client, FederationPalette.Plan, name, cancel))!.AsObject();
        string fetched = Path.Combine(half.Path, "fetched");
        var store = new WeightStore(fetched, copies: true);
        // A server's door wants a certificate, which a person has not; of what the node itself holds it gives to its own account.
        string from = result.Weights.StartsWith(Uri.UriSchemeHttps, StringComparison.Ordinal) ? $"http://{node}/" : result.Weights;
        using (var weights = WeightRoute.Plain.To(from, store))
        {
            try
            {
                var model = await weights.FetchAsync(Digest.Parse(result.GlobalModel), null, cancel);
                var adapter = await weights.FetchAsync(Digest.Parse(result.Adapter), null, cancel);
                Write(half.Path, model, adapter, report, plan);
            }
            catch (TransferException e)
            {
                throw new CommandException(CommandFault.Failed, e.Message, e);
            }
        }

        Directory.Delete(fetched, recursive: true);
        End(half);
    }

    /// <summary>Takes the weights from the run's servers.</summary>
    /// <exception cref="InvalidConfigurationException">The run has not ended with a model.</exception>
    public async Task FromRunAsync(string run)
    {
        var finished = FinishedModel.Of(run, null);
        using var half = Begin();
        var report = Report.Parse(await File.ReadAllTextAsync(new RunFolder(Path.GetFullPath(run), Resumed: true).Report));
        Write(half.Path, finished.Global, finished.Adapter, report, JsonNode.Parse(PlanText.Of(finished.Plan))!.AsObject());
        End(half);
    }

    // A server that took over fetches what it lacks from the others first.
    private static async Task<Found> ResultAsync(CommandClient client, string? name, CancellationToken cancel)
    {
        for (int left = Questions; ; left--)
        {
            var found = (await client.AskAsync<Found>(FederationPalette.Result.Asked.With(FederationPalette.Named, name), cancel)).Single();
            if (found.Weights.Length > 0)
                return found;
            if (left == 0)
                throw new CommandException(CommandFault.Failed, $"Model {found.GlobalModel} is at no server that runs now. Start the servers that were there when it was made.");
            await Task.Delay(AskAgain, cancel);
        }
    }

    private static async Task<string> MessageAsync(CommandClient client, Command<IAnsweringNode> command, string? name, CancellationToken cancel) =>
        (await client.AskAsync<Told>(command.Asked.With(FederationPalette.Named, name), cancel)).Single().Message;

    private HalfFolder Begin() => Path.Exists(folder)
        ? throw new InvalidConfigurationException([$"--out is \"{folder}\", which is there already. Name a folder that is not."])
        : Guard(() => HalfFolder.Begin(folder));

    private void Write(string half, WeightFile model, WeightFile adapter, Report report, JsonObject plan) => Guard(() =>
    {
        ResultFolder.Write(half, model, adapter, report, plan, Foundation(plan));
        return half;
    });

    // It appears whole or not at all.
    private void End(HalfFolder half) => Guard(() =>
    {
        half.Complete();
        return half;
    });

    private string? Foundation(JsonObject plan)
    {
        if (foundation is not null)
            return foundation;
        string named = Path.Combine(AppContext.BaseDirectory, (string?)plan["learning"]?["injection"]?["foundationModel"] ?? "none");
        return File.Exists(Path.Combine(named, "config.json")) ? named : null;
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SafetensorsException or FoundationException)
        {
            throw new InvalidConfigurationException([$"--out {folder}: {e.Message}"]);
        }
    }

    private sealed record Found(string GlobalModel, string Adapter, string Weights);

    private sealed record Told(string Message);
}
