using FedKim.Data;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>A hospital's side of a round: trains the global model on the site's own data.</summary>
/// <remarks>Runs synchronously on the caller's thread, which is pinned to it. Disposing gives the site's data in memory back.</remarks>
public interface ILocalTraining : IDisposable
{
    /// <summary>
    /// Trains from <see cref="TrainingRequest.GlobalModel"/> and writes the update. Called again with the same request after a crash
    /// (same work folder), it goes on from its own checkpoint and ends with the same bytes.
    /// </summary>
    /// <exception cref="LearningException">The site cannot train: its data, configuration or the model is at fault.</exception>
    /// <exception cref="UnknownNameException">The plan names something that the site's node does not know.</exception>
    /// <exception cref="DamagedException">The global model is not that of its digest: the same request, with a whole file, does better.</exception>
    /// <exception cref="IOException">The work folder cannot be written or read now; the same request may do better later.</exception>
    /// <exception cref="OperationCanceledException">The round was closed; the checkpoint stays.</exception>
    LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel);
}

/// <summary>One client's work in one round.</summary>
/// <param name="Round">The round.</param>
/// <param name="Client">Who trains.</param>
/// <param name="Seed">The federation's seed; randomness derives from (seed, round, client).</param>
/// <param name="Strategy">Name of the strategy, e.g. <c>fedavg</c>, <c>fedprox</c>, which says what local loss is used.</param>
/// <param name="Learning">The learning plan as its JSON text (<see cref="LearningPlan"/>).</param>
/// <param name="GlobalModel">The global model, safetensors.</param>
/// <param name="WorkFolder">A folder of this client and round alone, for checkpoints and the finished update; it exists.</param>
/// <param name="OwnFolder">A folder of this client and federation alone, for what it keeps to itself from round to round (<see cref="OwnTensors"/>).</param>
public sealed record TrainingRequest(
    RoundId Round, ClientId Client, long Seed, string Strategy, string Learning, WeightFile GlobalModel, string WorkFolder, string OwnFolder);

/// <summary>A finished update.</summary>
/// <param name="Weights">The update, safetensors, inside the work folder; whole and synced to disk.</param>
/// <param name="Samples">Samples trained on, by task.</param>
/// <param name="Losses">Mean training loss of the last epoch, by task.</param>
/// <param name="Data">Fingerprint of the samples, under a key that stays at the site; empty where there are none to tell apart.</param>
public sealed record LocalUpdate(WeightFile Weights, SampleCounts Samples, IReadOnlyDictionary<string, double> Losses, string Data = "");

/// <summary>How far a long piece of work is.</summary>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="Loss">The latest mean loss; NaN before there is one.</param>
public readonly record struct LearningProgress(long Done, long Total, double Loss);

/// <summary>A training, injection or evaluation that cannot go on, in words for the person who can mend it.</summary>
/// <param name="message">What is wrong, for the node's own staff.</param>
/// <param name="inner">What it follows from.</param>
/// <param name="reason">What others may know of it; no more than that it happened, where nothing is said.</param>
public sealed class LearningException(string message, Exception? inner = null, SiteReason? reason = null) : Exception(message, inner)
{
    /// <summary>What may leave the node.</summary>
    public SiteReason Reason { get; } = reason ?? SiteSentences.Other.Say();

    /// <summary>What follows from data that cannot be used: its file is named to the site's own staff alone.</summary>
    internal static LearningException OfData(string site, string task, DataException e) =>
        new($"{site}: task {task} cannot use its data. {e.Message}", e, SiteSentences.Data.Say(task));
}
