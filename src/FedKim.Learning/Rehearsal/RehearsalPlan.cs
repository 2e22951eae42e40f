using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedKim.Learning.Rehearsal;

/// <summary>
/// A federation without learning: models of a given size travel, are checked, summed and "injected" like real ones. It tries out sites,
/// network and crashes before the first patient's data is touched, and measures what the runtime itself costs.
/// </summary>
/// <param name="Mebibytes">Size of the model, at least 1; or 0 where <paramref name="Kibibytes"/> says it.</param>
/// <param name="Milliseconds">How long a site pretends to train and the injector to inject, at least 0.</param>
/// <param name="Stagger">
/// Up to how many milliseconds more a site pretends to train, drawn from (seed, round, client), so that sites are done one after another;
/// at least 0. It does not change what they send.
/// </param>
/// <param name="Kibibytes">So much more of the model, at least 0: for one that is small.</param>
public sealed record RehearsalPlan(
    int Mebibytes, int Milliseconds = 0, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Stagger = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Kibibytes = 0)
{
    /// <summary>Size of the model in bytes.</summary>
    [JsonIgnore]
    public long Bytes => (Mebibytes * 1024L + Kibibytes) * 1024;

    /// <summary>The only task, which every client has one sample of.</summary>
    public const string Task = "rehearsal";

    /// <summary>The model's only part, trained by the only task.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> Parts { get; } =
        ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal).Add("encoder.rehearsal", [Task]);

    /// <summary>The plan as JSON, for <see cref="Rounds.FederationPlan.Learning"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Options);

    /// <summary>Whether a plan's JSON is that of a rehearsal.</summary>
    public static bool Is(string json)
    {
        using var plan = JsonDocument.Parse(json);
        return plan.RootElement.TryGetProperty("mebibytes", out _);
    }

    /// <summary>The plan written as <paramref name="json"/>.</summary>
    public static RehearsalPlan Parse(string json) =>
        JsonSerializer.Deserialize<RehearsalPlan>(json, PlanJson.Options) ?? throw new LearningException("The rehearsal's plan is empty.");

    /// <summary>Waits as long as the pretended work takes.</summary>
    /// <param name="share">How much of the stagger this work takes more, 0 to 1.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    internal void Pretend(double share, CancellationToken cancel)
    {
        cancel.WaitHandle.WaitOne(Milliseconds + (int)(Stagger * share));
        cancel.ThrowIfCancellationRequested();
    }
}
