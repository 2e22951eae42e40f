using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace FedKim.Commands.Tests;

public sealed class WireJsonTests
{
    private static readonly Gen<CommandValue> Value = Gen.OneOf(
        Gen.String.Select(text => (CommandValue)text),
        Gen.Long.Select(number => (CommandValue)number),
        Gen.Double.Select(number => (CommandValue)number),
        Gen.Bool.Select(yes => (CommandValue)yes),
        Gen.String.Array[0, 4].Select(texts => (CommandValue)texts),
        Gen.Const(default(CommandValue)));

    private static readonly Gen<CommandSwitch> Switch = Gen.Select(
        Gen.String, Gen.String, Gen.String, Gen.Int[0, 2], Gen.Bool, Gen.String,
        (name, letter, help, kind, required, value) => new CommandSwitch(name, letter.Length == 1 ? letter : null, help, (SwitchKind)kind, required, required ? null : value));

    private static readonly Gen<CommandPalette> Palette = Gen.Select(
        Gen.String, Gen.String, Gen.Int[0, 3], Switch.Array[0, 3],
        (name, help, answer, switches) => new CommandPalette(name, help, [new CommandDefinition(help, name, (AnswerShape)answer, [.. switches])]));

    private static readonly Gen<WireMessage> Message = Gen.OneOf(
        Gen.Long.Select(protocol => (WireMessage)new WireMessage.Hello(protocol)),
        Gen.Select(Gen.Long, Gen.String, Gen.String, (id, name, value) => (WireMessage)new WireMessage.Request(id, new CommandInvocation(name, value).With(name, value))),
        Gen.Long.Select(id => (WireMessage)new WireMessage.Cancel(id)),
        Gen.Select(Gen.Long, Gen.String, Palette.Array[0, 3], (protocol, node, palettes) => (WireMessage)new WireMessage.Welcome(protocol, node, [.. palettes])),
        Gen.Select(Gen.Long, Value.Array[0, 6], (id, values) => (WireMessage)new WireMessage.Row(id, CommandRow.Of([.. values.Select((value, i) => ($"field{i}", value))]))),
        Gen.Long.Select(id => (WireMessage)new WireMessage.End(id)),
        Gen.Select(Gen.Int[1, 4], Gen.String, Gen.Long, (fault, text, id) => (WireMessage)new WireMessage.Error((CommandFault)fault, text, id < 0 ? null : id)));

    [Fact]
    public void A_message_comes_back_as_it_was() => Message.Sample(message =>
    {
        var json = Json(message);
        var back = WireJson.Read(Encoding.UTF8.GetBytes(json));
        Assert.Equal(message.GetType(), back.GetType());
        Assert.Equal(json, Json(back));
    });

    [Fact]
    public void A_damaged_message_is_refused_or_read_but_never_anything_else()
    {
        Gen.Select(Message, Gen.Int[0, 10_000], Gen.Byte, Gen.Bool).Sample((message, at, put, cut) =>
        {
            var bytes = Encoding.UTF8.GetBytes(Json(message));
            at %= bytes.Length;
            bytes[at] = put;
            try
            {
                Assert.NotNull(WireJson.Read(cut ? bytes.AsMemory(0, at) : bytes));
            }
            catch (JsonException)
            {
            }
        });
    }

    [Theory]
    [InlineData("""{"type":"hello","protocol":1.5}""")]
    [InlineData("""{"type":"hello","protocol":9223372036854775808}""")]
    [InlineData("""{"type":"row","id":1,"fields":{"a":{}}}""")]
    [InlineData("""{"type":"row","id":1,"fields":{"a":[1]}}""")]
    [InlineData("""{"type":"row","id":1,"fields":{"A":1}}""")]
    [InlineData("""{"type":"row","id":1,"fields":{"a":1,"a":2}}""")]
    [InlineData("""{"type":"row","id":1,"fields":[]}""")]
    [InlineData("""{"type":"error","fault":"else","message":"m"}""")]
    [InlineData("""{"type":"error","fault":"failed","message":"m","id":null}""")]
    [InlineData("""{"type":"welcome","protocol":1,"node":"n","palettes":[{"name":"a","help":"","commands":[{"name":"b","help":"","answer":"7","switches":[]}]}]}""")]
    [InlineData("""{"type":"welcome","protocol":1,"node":"n","palettes":[1]}""")]
    [InlineData("[]")]
    [InlineData("1")]
    public void What_is_no_message_is_refused(string json) => Assert.Throws<JsonException>(() => WireJson.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void The_written_form_of_a_welcome_is_fixed()
    {
        ImmutableArray<CommandPalette> palettes =
        [
            CommandPalette.Named("round", "Rounds.").Command("show", "Shows one.", AnswerShape.Item, command => command
                .Switch("round", "r", "Number.", SwitchKind.Number, required: true)
                .Switch("note", null, "Note.", defaultValue: "none")),
        ];
        Assert.Equal(
            """{"type":"welcome","protocol":1,"node":"n","palettes":[{"name":"round","help":"Rounds.","commands":[{"name":"show","help":"Shows one.","answer":"item","switches":["""
            + """{"name":"round","short":"r","help":"Number.","kind":"number","required":true},{"name":"note","help":"Note.","kind":"text","required":false,"default":"none"}]}]}]}""",
            Json(new WireMessage.Welcome(1, "n", palettes)));
    }

    private static string Json(WireMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) WireJson.Write(writer, message);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
