using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using CsCheck;
using FedKim.Protocol.Hyperion;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Rounds.Tests;
using Unfiltered = Hyperion.Serializer;
using UnfilteredOptions = Hyperion.SerializerOptions;

namespace FedKim.Protocol.Tests;

public sealed class WireSerializerTests : IDisposable
{
    private readonly ExtendedActorSystem _system = WireSystem.Local();
    private readonly WireSerializer _serializer;
    private readonly IActorRef _actor;

    public WireSerializerTests()
    {
        _serializer = (WireSerializer)_system.Serialization.FindSerializerForType(typeof(IWireMessage));
        _actor = _system.ActorOf(Props.Create(() => new Silent()), "silent");
    }

    public void Dispose() => _system.Dispose();

    public static TheoryData<Type> Messages => [.. Generated.Implementations(typeof(IWireMessage))];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_is_bound_to_it_and_reads_back_as_it_was_written(Type type) =>
        Generated.Of(type, _actor, _system.DeadLetters).Sample(message =>
        {
            Assert.IsType<WireSerializer>(_system.Serialization.FindSerializerFor(message));
            Assert.Equal(Contents.Of(message), Contents.Of(Read(_serializer.ToBinary(message))));
        }, iter: 50);

    [Fact]
    public void A_plan_that_travelled_says_the_same() => Gen.Select(Generated.Of(typeof(FederationPlan)), Gen.Bool).Sample((made, adaptive) =>
    {
        var plan = adaptive ? (FederationPlan)made : (FederationPlan)made with { ServerOptimizer = null };
        Assert.True(plan.SaysTheSameAs(((OperatorMessages.Submit)Read(_serializer.ToBinary(OperatorMessages.Submit.Of(plan)))).ToPlan()!));
    }, iter: 50);

    [Fact]
    public void Bytes_that_are_no_plan_are_none_and_break_nothing()
    {
        byte[] plan = OperatorMessages.Submit.Of((FederationPlan)Generated.Of(typeof(FederationPlan)).Single()).Plan;
        Assert.Null(new OperatorMessages.Submit([.. plan, 255]).ToPlan());
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[0, plan.Length]).Sample((noise, kept) => _ = new OperatorMessages.Submit([.. plan[..kept], .. noise]).ToPlan(), iter: 200);
    }

    [Fact]
    public void Json_is_neither_written_nor_read()
    {
        byte[] json = "{\"$type\":\"System.Version\",\"Major\":1,\"Minor\":2}"u8.ToArray();

        Assert.Throws<SerializationException>(() => _system.Serialization.Deserialize(json, NoJsonSerializer.Id, typeof(Version)));
        Assert.ThrowsAny<Exception>(() => _system.Serialization.Serialize(new Version(1, 2)));
    }

    [Fact]
    public void What_ends_or_suspends_an_actor_is_not_read()
    {
        var stock = new MiscMessageSerializer(_system);

        Assert.Throws<SerializationException>(() => Cross(Kill.Instance));
        Assert.Throws<SerializationException>(() => Cross(PoisonPill.Instance));
        var supervisors = new SystemMessageSerializer(_system);
        Assert.All((object[])[new Suspend(), new Terminate()], said => Assert.Throws<SerializationException>(
            () => _system.Serialization.Deserialize(supervisors.ToBinary(said), WatchSerializer.Id, said.GetType())));
        Assert.IsType<DeathWatchNotification>(_system.Serialization.Deserialize(
            supervisors.ToBinary(new DeathWatchNotification(_actor, true, false)), WatchSerializer.Id, typeof(DeathWatchNotification)));

        object Cross(object message) => _system.Serialization.Deserialize(stock.ToBinary(message), NoEndSerializer.Id, stock.Manifest(message));
    }

    [Fact]
    public void Large_arrays_and_texts_cross_whole()
    {
        var clients = new FederationQueries.Clients([.. Enumerable.Range(0, 5000).Select(i =>
            new ClientView($"hospital-{i}", "", i % 2 == 0, "awaited", new SiteStatus("training", "demo/1", i, 10_000, double.NaN, i, "")))]);
        Assert.Equal(Contents.Of(clients), Contents.Of(Read(_serializer.ToBinary(clients))));

        var failed = new FederationQueries.NotFound(string.Concat(Enumerable.Repeat("心", 100_000)));
        Assert.Equal(failed, Read(_serializer.ToBinary(failed)));
    }

    [Fact]
    public void What_configuration_adds_may_cross_too()
    {
        using var system = ActorSystem.Create("allowing");
        var allowing = new WireSerializer((ExtendedActorSystem)system, Akka.Configuration.ConfigurationFactory.ParseString(
            $"""allowed-types = ["{typeof(Foreign).AssemblyQualifiedName}"]"""));
        Assert.Equal(new Foreign("x"), allowing.FromBinary(allowing.ToBinary(new Foreign("x")), typeof(object)));
    }

    public static TheoryData<object> Strangers =>
    [
        new FileInfo("a file"), new Foreign("x"), new List<string> { "x" }, new Dictionary<string, string> { ["x"] = "y" }, new object[] { "x" },
        new InvalidOperationException("x"), new Uri("http://localhost/"), typeof(FileInfo), new Version(1, 2), (Action)(() => { }), Phase.Training,
        new RoundEvents.Committed(DateTimeOffset.UnixEpoch),
    ];

    [Theory]
    [MemberData(nameof(Strangers))]
    public void A_type_that_is_not_of_the_wire_is_not_written(object stranger) =>
        Assert.Throws<SerializationException>(() => _serializer.ToBinary(stranger));

    [Fact]
    public void A_message_that_holds_a_type_that_is_not_of_the_wire_is_not_written()
    {
        var message = new InjectorMessages.Broke(new ForeignWork(new FileInfo("a file")), "x");
        Assert.Contains(nameof(ForeignWork), Assert.Throws<SerializationException>(() => _serializer.ToBinary(message)).Message);
    }

    [Theory]
    [MemberData(nameof(Strangers))]
    public void A_type_that_is_not_of_the_wire_is_not_read(object stranger) =>
        Assert.Throws<SerializationException>(() => Read(Written(stranger)));

    [Fact]
    public void A_message_that_holds_a_type_that_is_not_of_the_wire_is_not_read() =>
        Assert.Throws<SerializationException>(() => Read(Written(new InjectorMessages.Broke(new ForeignWork(null), "x"))));

    [Theory]
    [InlineData("System.Diagnostics.Process, System.Diagnostics.Process")]
    [InlineData("System.IO.FileInfo, System.Private.CoreLib")]
    [InlineData("System.IO.FileInfo,%core%")]
    [InlineData("System.Collections.Generic.List`1[[FedKim.Protocol.Messages.TaskSamples, FedKim.Protocol]],%core%")]
    [InlineData("FedKim.Protocol.Messages.TaskSamples[][], FedKim.Protocol")]
    [InlineData("FedKim.Protocol.NoSuchType, FedKim.Protocol")]
    [InlineData("Akka.Actor.Props+PropsSurrogate, Akka")]
    [InlineData("")]
    public void Bytes_that_name_another_type_are_refused(string typeName)
    {
        byte[] name = Encoding.UTF8.GetBytes(typeName);
        foreach (byte manifest in (byte[])[251, 255])
        {
            byte[] bytes = [manifest, 0, 0, 0, 0, .. name, 0, 0, 0, 0, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), name.Length);
            Assert.Throws<SerializationException>(() => Read(bytes));
        }
    }

    [Fact]
    public void A_message_of_another_version_is_refused_and_the_error_says_what_to_do()
    {
        byte[] bytes = _serializer.ToBinary(new FederationQueries.NotFound("x"));
        bytes[bytes.AsSpan().IndexOf("<Message>"u8) + 1] = (byte)'N';
        Assert.Contains("Run the same version on all nodes", Assert.Throws<SerializationException>(() => Read(bytes)).Message);
    }

    [Fact]
    public void Garbage_is_refused() => Gen.Byte.Array[0, 200].Sample(ReadsOrRefuses, iter: 2000);

    [Fact]
    public void A_message_with_changed_bytes_is_refused_or_reads_as_a_message() => Gen.Select(
        Gen.OneOf<object>([.. Generated.Implementations(typeof(IWireMessage)).Select(t => Generated.Of(t, _actor))]),
        Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[1, 4]).Sample((message, changes) =>
        {
            byte[] bytes = _serializer.ToBinary(message);
            foreach (var (position, value) in changes)
                bytes[position % bytes.Length] = value;
            ReadsOrRefuses(bytes);
        }, iter: 2000);

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_that_is_cut_anywhere_or_goes_on_is_refused(Type type)
    {
        byte[] bytes = _serializer.ToBinary(Generated.Of(type, _actor).Single());
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<SerializationException>(() => Read(bytes[..length]));
        Assert.Throws<SerializationException>(() => Read([.. bytes, 0]));
    }

    [Fact]
    public void An_array_that_says_it_is_endless_is_refused()
    {
        byte[] bytes = _serializer.ToBinary(new WeightMessages.GetSuperfluous([]));
        bytes.AsSpan(bytes.Length - 4).Fill(0x3f);
        Assert.Throws<SerializationException>(() => Read(bytes));
    }

    // Where a text should stand the same message begins again. Without a bound the stack would end, which nothing can catch.
    [Fact]
    public void A_message_nested_without_end_is_refused()
    {
        byte[] one = _serializer.ToBinary(new FederationQueries.NotFound(""));
        byte[] opening = one[..^2];
        Assert.Equal<byte>([7, 1], one[^2..]);
        byte[] bytes = [.. opening, .. Enumerable.Repeat<byte[]>([254, 0, 0], 100_000).SelectMany(again => again)];
        Assert.Throws<SerializationException>(() => Read(bytes));
    }

    private object Read(byte[] bytes) => _serializer.FromBinary(bytes, typeof(object));

    private void ReadsOrRefuses(byte[] bytes)
    {
        try
        {
            Read(bytes);
        }
        catch (SerializationException)
        {
        }
    }

    // As a program without a filter would write it.
    private static byte[] Written(object value)
    {
        using var stream = new MemoryStream();
        new Unfiltered(UnfilteredOptions.Default.WithVersionTolerance(true).WithPreserveObjectReferences(true).WithDisallowUnsafeType(false)).Serialize(value, stream);
        return stream.ToArray();
    }

    private sealed record Foreign(string Text) : IWireMessage;

    private sealed record ForeignWork(FileInfo? File) : InjectorMessages.IWork
    {
        public string Weights => "";

        public string Name => "";

        public FederationId Federation => default;
    }

    private sealed class Silent : ReceiveActor;
}
