using Akka.Persistence;
using Akka.Serialization;
using FedKim.Protocol.Journals;
using FedKim.Rounds;

namespace FedKim.Simulation.Tests;

/// <summary>The journal's database, which outlives every node: rows of stored bytes, unique by persistence id and sequence number.</summary>
internal sealed class Database
{
    private readonly Dictionary<string, SortedDictionary<long, Row>> _rows = new(StringComparer.Ordinal);
    private readonly List<Row> _inOrder = [];

    /// <summary>Everything stored, in the order of storing.</summary>
    public IReadOnlyList<Row> Rows => _inOrder;

    /// <summary>The federation's events.</summary>
    public IEnumerable<IFederationEvent> Federation => _inOrder.Select(r => r.Event).OfType<IFederationEvent>();

    /// <summary>A round's events.</summary>
    public IEnumerable<IRoundEvent> Round(string id) => _inOrder.Where(r => r.Id == id).Select(r => r.Event).OfType<IRoundEvent>();

    /// <summary>Stores all events or none.</summary>
    /// <exception cref="InvalidOperationException">A place is taken, or an event has no stored form of its own.</exception>
    public void Store(IEnumerable<IPersistentRepresentation> events, Serialization serialization, TimeSpan at)
    {
        Row[] rows = [.. events.Select(e => RowOf(e, serialization, at))];
        if (rows.FirstOrDefault(r => Of(r.Id).ContainsKey(r.Number)) is { } taken)
            throw new InvalidOperationException($"UNIQUE constraint failed: {taken.Id} {taken.Number} ({taken.Event}).");
        foreach (var row in rows)
        {
            Of(row.Id).Add(row.Number, row);
            _inOrder.Add(row);
        }
    }

    /// <summary>The events of one id between two numbers, read from their bytes.</summary>
    public IEnumerable<IPersistentRepresentation> Read(string id, long from, long to, long most) =>
        Of(id).Values.Where(r => r.Number >= from && r.Number <= to).Take((int)Math.Min(most, int.MaxValue))
            .Select(r => new Persistent(r.Serializer.FromBinary(r.Bytes, r.Manifest), r.Number, r.Id, r.Manifest, false, null, r.Writer));

    /// <summary>The last number of an id; 0 where there is none.</summary>
    public long Last(string id) => Of(id).Keys.LastOrDefault();

    private static Row RowOf(IPersistentRepresentation e, Serialization serialization, TimeSpan at)
    {
        if (serialization.FindSerializerFor(e.Payload) is not EventSerializer serializer)
            throw new InvalidOperationException($"{e.Payload.GetType()} is bound to no serializer of its own.");
        byte[] bytes = serializer.ToBinary(e.Payload);
        string manifest = serializer.Manifest(e.Payload);
        return new Row(at, e.PersistenceId, e.SequenceNr, manifest, bytes, serializer, e.WriterGuid, serializer.FromBinary(bytes, manifest));
    }

    private SortedDictionary<long, Row> Of(string id)
    {
        if (!_rows.TryGetValue(id, out var rows))
            _rows.Add(id, rows = []);
        return rows;
    }

    /// <summary>A stored event.</summary>
    internal sealed record Row(
        TimeSpan At, string Id, long Number, string Manifest, byte[] Bytes, EventSerializer Serializer, string Writer, object Event)
    {
        public override string ToString() => $"{At:mm\\:ss\\.fff} {Id} {Number} {Event}";
    }
}
