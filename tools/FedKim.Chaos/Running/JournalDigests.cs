using FedKim.Protocol.Stored;

namespace FedKim.Chaos.Running;

/// <summary>The weights that a round's journal names.</summary>
internal static class JournalDigests
{
    /// <summary>The digest of what a scenario calls <c>start model</c>, <c>aggregate</c>, <c>moments</c> or <c>adapter</c>; null before there is one.</summary>
    public static string? Of(IReadOnlyList<JournalEvent> round, string kind) => kind switch
    {
        "start model" => Opened(round)?.GlobalModel,
        "moments" => Opened(round) is { HasMoments: true } opened ? opened.Moments : null,
        "adapter" => Last(round, "r.inject") is { } injected ? Injected.Parser.ParseFrom(injected.Message).Adapter : Opened(round)?.Adapter,
        "aggregate" => Last(round, "r.sum") is { } sum ? AggregateComputed.Parser.ParseFrom(sum.Message).Aggregate : null,
        _ => null,
    };

    private static Opened? Opened(IReadOnlyList<JournalEvent> round) => Last(round, "r.open") is { } e ? Protocol.Stored.Opened.Parser.ParseFrom(e.Message) : null;

    private static JournalEvent? Last(IReadOnlyList<JournalEvent> round, string manifest) => round.LastOrDefault(e => e.Manifest == manifest);
}
