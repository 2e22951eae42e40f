using System.Collections.Immutable;

namespace FedKim.Chaos.Results;

/// <summary>What happened in a scenario, in seconds since the federation was submitted.</summary>
/// <param name="Spans">Phases of rounds, and times in which something was struck; may overlap.</param>
/// <param name="Marks">Moments.</param>
internal sealed record Timeline(ImmutableArray<Span> Spans, ImmutableArray<Mark> Marks)
{
    public static Timeline Empty { get; } = new([], []);

    /// <summary>When the last thing ended.</summary>
    public double End => Spans.Select(s => s.To).Concat(Marks.Select(m => m.At)).DefaultIfEmpty(0).Max();
}

/// <summary>Something that lasted.</summary>
/// <param name="Kind">A phase's name, or <c>fault</c>.</param>
/// <param name="Text">What it was.</param>
/// <param name="From">Its start, s.</param>
/// <param name="To">Its end, s.</param>
internal sealed record Span(string Kind, string Text, double From, double To);

/// <summary>A moment.</summary>
/// <param name="Kind"><c>fault</c>, <c>start</c>, <c>event</c> or <c>recovered</c>.</param>
/// <param name="Text">What happened.</param>
/// <param name="At">When, s.</param>
internal sealed record Mark(string Kind, string Text, double At);
