using Akka.Actor;
using CsCheck;
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
        string manifest = _serializer.Manifest(expected);
        string written = Convert.ToHexStringLower(_serializer.ToBinary(expected));
        string stored = Golden.Stored(manifest) ?? throw new InvalidOperationException($"Golden/{manifest}.hex is missing; today's bytes are {written}");

        Assert.Equal(Contents.Of(expected), Contents.Of(_serializer.FromBinary(Convert.FromHexString(stored), manifest)));
        Assert.Equal(stored, written);
    }

    [Fact]
    public void A_plan_that_was_stored_before_there_were_bounds_has_none()
    {
        var stored = (FederationEvents.Submitted)_serializer.FromBinary(Convert.FromHexString(Golden.Stored("f.submit")!), "f.submit");
        Assert.Equal(double.PositiveInfinity, stored.Plan.MaxNorm);
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
}
