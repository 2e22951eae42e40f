using FedKim.Data;
using FedKim.Launch.Answers;
using FedKim.Learning.Metrics;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Launch.Packages;

/// <summary>Something that packages can add: a public interface, and the table of those that have a name.</summary>
/// <param name="Kind">What it is called, e.g. <c>strategy</c>.</param>
/// <param name="Interface">The interface.</param>
/// <param name="Add">Adds one and returns its name.</param>
internal sealed record Seam(string Kind, Type Interface, Func<object, string> Add)
{
    /// <summary>All there are.</summary>
    public static IReadOnlyList<Seam> All { get; } =
    [
        Of(Aggregation.Strategies), Of(DataSet.Readers), Of(EncoderRegistry.Known), Of(Classification.Metrics),
        new("palette", typeof(INodePalette), one => NodePalettes.Add((INodePalette)one)),
    ];

    private static Seam Of<T>(NameTable<T> table) where T : class => new(table.Kind, typeof(T), one => table.Add((T)one));
}
