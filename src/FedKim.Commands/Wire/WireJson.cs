using System.Collections.Immutable;
using System.Text.Json;

namespace FedKim.Commands;

/// <summary>
/// The wire protocol's messages as JSON. Written out by hand: with a serializer, a client would spend most of its short life compiling that
/// serializer's generic code. Members that are unknown are ignored; those that are missing, of another kind or there twice are errors.
/// </summary>
internal static class WireJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    public static void Write(Utf8JsonWriter writer, WireMessage message)
    {
        writer.WriteStartObject();
        switch (message)
        {
            case WireMessage.Hello hello:
                writer.WriteString("type", "hello");
                writer.WriteNumber("protocol", hello.Protocol);
                break;
            case WireMessage.Request request:
                writer.WriteString("type", "request");
                writer.WriteNumber("id", request.Id);
                writer.WriteString("palette", request.Invocation.Palette);
                writer.WriteString("command", request.Invocation.Command);
                writer.WriteStartObject("switches");
                foreach (var (name, value) in request.Invocation.Switches) writer.WriteString(name, value);
                writer.WriteEndObject();
                break;
            case WireMessage.Cancel cancel:
                writer.WriteString("type", "cancel");
                writer.WriteNumber("id", cancel.Id);
                break;
            case WireMessage.Welcome welcome:
                writer.WriteString("type", "welcome");
                writer.WriteNumber("protocol", welcome.Protocol);
                writer.WriteString("node", welcome.Node);
                writer.WriteStartArray("palettes");
                foreach (var palette in welcome.Palettes) Write(writer, palette);
                writer.WriteEndArray();
                break;
            case WireMessage.Row row:
                writer.WriteString("type", "row");
                writer.WriteNumber("id", row.Id);
                writer.WritePropertyName("fields");
                Write(writer, row.Fields);
                break;
            case WireMessage.End end:
                writer.WriteString("type", "end");
                writer.WriteNumber("id", end.Id);
                break;
            case WireMessage.Error error:
                writer.WriteString("type", "error");
                writer.WriteString("fault", Fault(error.Fault));
                writer.WriteString("message", error.Message);
                if (error.Id is { } id) writer.WriteNumber("id", id);
                break;
            default:
                throw new ArgumentException($"{message.GetType().Name} has no form on the wire.");
        }

        writer.WriteEndObject();
    }

    /// <summary>A row as an object whose members keep the order of the fields.</summary>
    public static void Write(Utf8JsonWriter writer, CommandRow row)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in row.Fields)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    /// <exception cref="JsonException">The line is not JSON, or not a message.</exception>
    public static WireMessage Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            return Read(document.RootElement);
        }
        // So the reader reports texts that are no Unicode and numbers that are no 64-bit integers.
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    private static WireMessage Read(JsonElement message) => Text(message, "type") switch
    {
        "hello" => new WireMessage.Hello(Number(message, "protocol")),
        "request" => new WireMessage.Request(Number(message, "id"), Invocation(message)),
        "cancel" => new WireMessage.Cancel(Number(message, "id")),
        "welcome" => new WireMessage.Welcome(Number(message, "protocol"), Text(message, "node"), Each(message, "palettes", Palette)),
        "row" => new WireMessage.Row(Number(message, "id"), Row(Member(message, "fields", JsonValueKind.Object))),
        "end" => new WireMessage.End(Number(message, "id")),
        "error" => new WireMessage.Error(
            Fault(Text(message, "fault")), Text(message, "message"), message.TryGetProperty("id", out _) ? Number(message, "id") : null),
        var other => throw new JsonException($"'{other}' is no type of message."),
    };

    private static CommandInvocation Invocation(JsonElement message)
    {
        var invocation = new CommandInvocation(Text(message, "palette"), Text(message, "command"));
        var switches = Member(message, "switches", JsonValueKind.Object);
        foreach (var member in switches.EnumerateObject()) invocation = invocation.With(member.Name, Text(switches, member.Name));
        return invocation;
    }

    private static CommandRow Row(JsonElement fields)
    {
        var row = new List<KeyValuePair<string, CommandValue>>();
        try
        {
            foreach (var member in fields.EnumerateObject()) CommandRow.Add(row, member.Name, CommandValue.Read(member.Value));
        }
        catch (ArgumentException e)
        {
            throw new JsonException(e.Message, e);
        }

        return CommandRow.FromFields(row);
    }

    private static void Write(Utf8JsonWriter writer, CommandPalette palette)
    {
        writer.WriteStartObject();
        writer.WriteString("name", palette.Name);
        writer.WriteString("help", palette.Help);
        writer.WriteStartArray("commands");
        foreach (var command in palette.Commands)
        {
            writer.WriteStartObject();
            writer.WriteString("name", command.Name);
            writer.WriteString("help", command.Help);
            writer.WriteString("answer", Shape(command.Answer));
            writer.WriteStartArray("switches");
            foreach (var known in command.Switches)
            {
                writer.WriteStartObject();
                writer.WriteString("name", known.Name);
                if (known.Short is not null) writer.WriteString("short", known.Short);
                writer.WriteString("help", known.Help);
                writer.WriteString("kind", Kind(known.Kind));
                writer.WriteBoolean("required", known.Required);
                if (known.Default is not null) writer.WriteString("default", known.Default);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static CommandPalette Palette(JsonElement palette) => new(Text(palette, "name"), Text(palette, "help"), Each(palette, "commands", Command));

    private static CommandDefinition Command(JsonElement command) =>
        new(Text(command, "name"), Text(command, "help"), Shape(Text(command, "answer")), Each(command, "switches", Switch));

    private static CommandSwitch Switch(JsonElement known) => new(
        Text(known, "name"),
        known.TryGetProperty("short", out _) ? Text(known, "short") : null,
        Text(known, "help"),
        Kind(Text(known, "kind")),
        known.TryGetProperty("required", out var required) && required.GetBoolean(),
        known.TryGetProperty("default", out _) ? Text(known, "default") : null);

    // The names on the wire are fixed here, so that renaming an enum's member cannot change the protocol unseen.
    private static string Fault(CommandFault fault) => fault switch
    {
        CommandFault.Usage => "usage",
        CommandFault.Unreachable => "unreachable",
        CommandFault.Protocol => "protocol",
        _ => "failed",
    };

    private static CommandFault Fault(string name) => name switch
    {
        "usage" => CommandFault.Usage,
        "unreachable" => CommandFault.Unreachable,
        "protocol" => CommandFault.Protocol,
        "failed" => CommandFault.Failed,
        _ => throw new JsonException($"'{name}' is no fault."),
    };

    private static string Shape(AnswerShape shape) => shape switch
    {
        AnswerShape.Item => "item",
        AnswerShape.Message => "message",
        AnswerShape.Stream => "stream",
        _ => "rows",
    };

    private static AnswerShape Shape(string name) => name switch
    {
        "rows" => AnswerShape.Rows,
        "item" => AnswerShape.Item,
        "message" => AnswerShape.Message,
        "stream" => AnswerShape.Stream,
        _ => throw new JsonException($"'{name}' is no shape of an answer."),
    };

    private static string Kind(SwitchKind kind) => kind switch
    {
        SwitchKind.Number => "number",
        SwitchKind.Flag => "flag",
        _ => "text",
    };

    private static SwitchKind Kind(string name) => name switch
    {
        "text" => SwitchKind.Text,
        "number" => SwitchKind.Number,
        "flag" => SwitchKind.Flag,
        _ => throw new JsonException($"'{name}' is no kind of switch."),
    };

    private static string Text(JsonElement parent, string name) => Member(parent, name, JsonValueKind.String).GetString()!;

    private static long Number(JsonElement parent, string name) => Member(parent, name, JsonValueKind.Number).GetInt64();

    private static ImmutableArray<T> Each<T>(JsonElement parent, string name, Func<JsonElement, T> read)
    {
        var list = ImmutableArray.CreateBuilder<T>();
        foreach (var entry in Member(parent, name, JsonValueKind.Array).EnumerateArray()) list.Add(read(entry));
        return list.ToImmutable();
    }

    private static JsonElement Member(JsonElement parent, string name, JsonValueKind kind)
    {
        if (parent.ValueKind != JsonValueKind.Object) throw new JsonException($"An object was expected, not {parent.ValueKind}.");
        if (!parent.TryGetProperty(name, out var member)) throw new JsonException($"'{name}' is missing.");
        return member.ValueKind == kind ? member : throw new JsonException($"'{name}' is {member.ValueKind}, not {kind}.");
    }
}
