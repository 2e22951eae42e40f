using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Learning;

namespace FedKim.Launch.Reports;

/// <summary>
/// A federation's report, as <c>report.json</c> holds it and <c>federation report</c> answers it. It is written and read here alone; its names
/// in JSON are these properties' in camelCase. Digests are null before they are known.
/// </summary>
public sealed record Report
{
    /// <summary>The name of a report's file.</summary>
    public const string FileName = "report.json";

    private const string Completed = "Completed";

    private static readonly JsonSerializerOptions Compact = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    /// <summary>The federation's name.</summary>
    public string Federation { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public required string Phase { get; init; }

    /// <summary>Why it failed or was stopped; null otherwise.</summary>
    public string? Cause { get; init; }

    /// <summary>Its seed; null where no server could be asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed { get; init; }

    /// <summary>How updates become one model; null where no server could be asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Strategy { get; init; }

    /// <summary>Its method; null where no server could be asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Method { get; init; }

    /// <summary>Its rounds, by number.</summary>
    public ImmutableArray<ReportedRound> Rounds { get; init; } = [];

    /// <summary>What it ended with; null where no server could be asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReportedResult? Result { get; init; }

    /// <summary>How its model measures; empty before.</summary>
    public required ImmutableArray<TaskEvaluation> Evaluation { get; init; }

    /// <summary>How its router weighs the experts, task by task; null where there is no router, and before the model is measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<TaskRouting>? Routing { get; init; }

    /// <summary>On which machines the same run gives the same bits, of <c>fedkim.torch.bits</c>; null where nobody knows what all nodes were told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Bits { get; init; }

    /// <summary>The precision of the injection's products, of <c>fedkim.injector.products</c>; null where nobody knows what the injector was told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Products { get; init; }

    /// <summary>The processes of a federation on one machine; null for others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<ReportedProcess>? Processes { get; init; }

    /// <summary>Whether it came to its end.</summary>
    [JsonIgnore]
    public bool IsCompleted => Phase == Completed;

    /// <summary>Task → what each expert weighs for it; null where there is no router.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, ImmutableArray<double>>? Alpha => Routing?.ToDictionary(task => task.Task, task => task.Alpha, StringComparer.Ordinal);

    /// <summary>Reads a report.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static Report Parse(string json)
    {
        var report = JsonSerializer.Deserialize<Report>(json, Compact) ?? throw new JsonException("there is nothing in it.");
        return report.Phase is not null && !report.Evaluation.Any(e => e?.Task is null || e.Method is null) && !report.Rounds.Any(round => round is null)
            && !HasOddRouting(report)
            ? report
            : throw new JsonException("it lacks a phase, or an evaluation its task or method, or a router's row its task or weights, or has a task's twice, or a round is nothing.");
    }

    private static bool HasOddRouting(Report report) => report.Routing is { } routing
        && (routing.Any(task => task?.Task is null || task.Alpha.IsDefault) || routing.DistinctBy(task => task.Task, StringComparer.Ordinal).Count() < routing.Length);

    /// <summary>Reads an evaluation as the injector tells it.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ImmutableArray<TaskEvaluation> ParseEvaluation(string json) => JsonSerializer.Deserialize<ImmutableArray<TaskEvaluation>>(json, Compact);

    /// <summary>The report in one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Compact);

    /// <summary>The report as it stands in its file.</summary>
    public string ToFile() => JsonSerializer.Serialize(this, Indented) + "\n";
}

/// <summary>A round of a <see cref="Report"/>.</summary>
public sealed record ReportedRound
{
    private const string Committed = "committed";

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary><c>committed</c>, <c>failed</c>, or <c>open</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it failed; null otherwise.</summary>
    public string? Cause { get; init; }

    /// <summary>How it ended, with how much of the data and without whom, in a line; null while it is open.</summary>
    public string? Result { get; init; }

    /// <summary>The sites that were invited.</summary>
    public ImmutableArray<string> Participants { get; init; } = [];

    /// <summary>The updates that count.</summary>
    public ImmutableArray<ReportedUpdate> Accepted { get; init; } = [];

    /// <summary>The sites that were left out.</summary>
    public ImmutableArray<ReportedDrop> Dropped { get; init; } = [];

    /// <summary>The sites of the federation that were not invited.</summary>
    public ImmutableArray<ReportedDrop> LeftOut { get; init; } = [];

    /// <summary>Digest of the aggregate.</summary>
    public string? AggregateSha256 { get; init; }

    /// <summary>Digest of the global model after it.</summary>
    public string? GlobalSha256 { get; init; }

    /// <summary>Digest of the adapters after it.</summary>
    public string? AdapterSha256 { get; init; }

    /// <summary>The loss of the injection's last step; null where there is none.</summary>
    public double? InjectionLoss { get; init; }

    /// <summary>When it was opened, in ISO 8601.</summary>
    public string OpenedAt { get; init; } = "";

    /// <summary>Phase → how long it lasted, in the phases' order.</summary>
    public IReadOnlyDictionary<string, long> PhaseMilliseconds { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Whether its model counts.</summary>
    [JsonIgnore]
    public bool IsCommitted => Outcome == Committed;
}

/// <summary>An update that counts.</summary>
/// <param name="Client">Whose.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Samples">How many it was trained on.</param>
public sealed record ReportedUpdate(string Client, string Digest, long Samples);

/// <summary>A site that was left out of a round.</summary>
/// <param name="Client">The site.</param>
/// <param name="Reason">Why.</param>
public sealed record ReportedDrop(string Client, string Reason);

/// <summary>What a federation ended with.</summary>
/// <param name="GlobalSha256">Digest of the global model.</param>
/// <param name="AdapterSha256">Digest of the adapters.</param>
public sealed record ReportedResult(string? GlobalSha256, string? AdapterSha256);

/// <summary>One process of a federation on this machine.</summary>
/// <param name="Role">What its node does.</param>
/// <param name="Site">Its name.</param>
/// <param name="Pid">Id of its latest process.</param>
/// <param name="PeakRssMiB">The most memory any of its processes held, to a tenth.</param>
public sealed record ReportedProcess(string Role, string Site, int Pid, double PeakRssMiB);
