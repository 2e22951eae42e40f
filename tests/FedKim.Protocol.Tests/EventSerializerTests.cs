using Akka.Actor;
using CsCheck;
using FedKim.Protocol.Journals;
using FedKim.Rounds;
using FedKim.Rounds.Tests;

namespace FedKim.Protocol.Tests;

public sealed class EventSerializerTests : IDisposable
{
    private readonly ExtendedActorSystem _system = WireSystem.Local();
    private readonly EventSerializer _serializer;

    public EventSerializerTests() => _serializer = (EventSerializer)_system.Serialization.FindSerializerForType(typeof(IRoundEvent));

    public void Dispose() => _system.Dispose();

    public static TheoryData<Type> Events =>
        [.. Generated.Implementations(typeof(IRoundEvent)), .. Generated.Implementations(typeof(IFederationEvent))];

    [Theory]
    [MemberData(nameof(Events))]
    public void Every_event_is_bound_to_it_and_reads_back_as_it_was_written(Type type) => Generated.Of(type).Sample(e =>
    {
        Assert.Same(_serializer, _system.Serialization.FindSerializerFor(e));
        object read = _serializer.FromBinary(_serializer.ToBinary(e), _serializer.Manifest(e));
        Assert.Equal(Contents.Of(e), Contents.Of(read));
    });

    [Fact]
    public void No_two_events_share_a_manifest()
    {
        string[] manifests = [.. Golden.Events.Select(_serializer.Manifest)];
        Assert.Equal(manifests.Distinct(), manifests);
    }

    [Fact]
    public void Every_event_has_a_golden_example() => Assert.Equal(
        Events.Select(row => row.Data.Name).Order(StringComparer.Ordinal),
        Golden.Events.Select(e => e.GetType().Name).Order(StringComparer.Ordinal));

    // The files are what earlier versions stored. They are never changed; only new ones are added.
    [Theory]
    [MemberData(nameof(Events))]
    public void What_was_stored_once_reads_as_the_same_event_and_writes_as_the_same_bytes(Type type)
    {
        object expected = Golden.Events.Single(e => e.GetType() == type);
        IsStoredAs(_serializer.Manifest(expected), expected);
    }

    [Fact]
    public void Fields_that_came_later_have_golden_examples_of_their_own() => Assert.All(Golden.Later, later => IsStoredAs(later.File, later.Event));

    [Fact]
    public void What_was_stored_before_a_field_came_reads_as_it_was_meant()
    {
        var submitted = (FederationEvents.Submitted)_serializer.FromBinary(Convert.FromHexString(Golden.Stored("f.submit")!), "f.submit");
        var opened = (RoundEvents.Opened)_serializer.FromBinary(Convert.FromHexString(Golden.Stored("r.open")!), "r.open");
        Assert.Equal((double.PositiveInfinity, null, null), (submitted.Plan.MaxNorm, submitted.Plan.ServerOptimizer, opened.Moments));
        Assert.Equal((0, "", ""), (submitted.Plan.Retries, submitted.Plan.StartFrom, submitted.Plan.Injector));
        Assert.Equal((null, Selection.All, null, 0), (submitted.Plan.Anyone, submitted.Plan.Selection, submitted.Plan.SkipAfter, submitted.Plan.QuorumShare));
        Assert.Equal((0, 0, 0), (opened.LeftOut.Length, opened.Known.Length, opened.QuorumShare));
    }

    [Fact]
    public void An_unknown_manifest_is_an_error_that_names_it() =>
        Assert.Contains("'r.new'", Assert.Throws<ArgumentException>(() => _serializer.FromBinary([], "r.new")).Message);

    [Fact]
    public void What_is_no_event_is_not_stored()
    {
        Assert.Throws<ArgumentException>(() => _serializer.ToBinary("text"));
        Assert.Throws<ArgumentException>(() => _serializer.Manifest("text"));
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void Bytes_that_are_cut_or_of_another_kind_are_an_error_and_never_half_an_event(Type type)
    {
        string manifest = _serializer.Manifest(Golden.Events.Single(e => e.GetType() == type));
        Assert.ThrowsAny<Exception>(() => _serializer.FromBinary([], manifest));
        Assert.ThrowsAny<Exception>(() => _serializer.FromBinary([0xff, 0xff, 0xff], manifest));
    }

    private void IsStoredAs(string file, object expected)
    {
        string written = Convert.ToHexStringLower(_serializer.ToBinary(expected));
        string stored = Golden.Stored(file) ?? throw new InvalidOperationException($"Golden/{file}.hex is missing; today's bytes are {written}");

        Assert.Equal(Contents.Of(expected), Contents.Of(_serializer.FromBinary(Convert.FromHexString(stored), _serializer.Manifest(expected))));
        Assert.Equal(stored, written);
    }
}
