using System.Security.Cryptography;
using System.Text;
using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// Keeps what evaluations say of each sample. Samples and patients have names of the federation's own: nobody meets them again in another's,
/// and whoever has the data and the federation's name can make them.
/// </summary>
/// <param name="federation">The federation.</param>
public sealed class PredictionLog(FederationId federation)
{
    private const int Bytes = 8;

    private readonly byte[] _key = Encoding.UTF8.GetBytes($"fedkim predictions {federation}");
    private readonly List<Prediction> _all = [];

    /// <summary>All of them, in the order in which they were made.</summary>
    public IReadOnlyList<Prediction> All => _all;

    /// <summary>Keeps what a method says of a task's samples, in their order: a score each, or words each, or both.</summary>
    internal void Add(TaskPlan task, TaskData data, EvaluationRequest request, string method, IReadOnlyList<double>? scores, IReadOnlyList<string>? said)
    {
        for (int i = 0; i < data.Count; i++)
        {
            var (sample, patient) = data.Ids[i];
            string? wanted = data.Answers[i] is { } answer ? AnswerText.Normal(answer) : null;
            _all.Add(new Prediction(
                Name(task.Source.Path, sample), Name("patient", patient), task.Name, method, request.Seed, request.Split,
                task.Answering == TaskPlan.Generated ? null : data.Labels[i], scores?[i], said?[i], wanted)
            {
                Group = data.Groups[i],
            });
        }
    }

    private string Name(string kind, string id) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{kind}\n{id}")).AsSpan(0, Bytes));
}
