using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Protocol.Messages;
using Google.Protobuf;

namespace FedKim.Protocol.Links;

/// <summary>
/// Questions and their answers as JSON under a short kind: a closed list of what changes nothing and costs the server little. Objects are made of these types and of no
/// other, whatever a text says.
/// </summary>
internal static class QueryText
{
    private const int MostDepth = 6;

    private static readonly FrozenDictionary<string, Type> Questions = Kinds(
        typeof(FederationQueries.GetFederation), typeof(FederationQueries.GetFederations), typeof(FederationQueries.GetQueue),
        typeof(FederationQueries.GetEvaluation),
        typeof(FederationQueries.GetPlan), typeof(FederationQueries.GetResult), typeof(FederationQueries.GetRounds), typeof(FederationQueries.GetRound),
        typeof(FederationQueries.GetStory), typeof(FederationQueries.GetClients), typeof(FederationQueries.GetInjector));

    private static readonly FrozenDictionary<string, Type> Answers = Kinds(
        typeof(FederationQueries.Result), typeof(FederationQueries.Federations), typeof(FederationQueries.Text), typeof(FederationQueries.Story),
        typeof(FederationQueries.Rounds), typeof(FederationQueries.Clients), typeof(FederationQueries.NotFound), typeof(OperatorMessages.Refused),
        typeof(FederationView), typeof(RoundView), typeof(InjectorView));

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        MaxDepth = MostDepth,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
    };

    /// <summary>The kind and the text of a question or an answer.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static (string Kind, ByteString Text) Write(IWireMessage message)
    {
        var type = message.GetType();
        if (!Questions.ContainsKey(type.Name) && !Answers.ContainsKey(type.Name))
            throw new ArgumentException($"{type} is neither a question nor an answer.", nameof(message));
        return (type.Name, ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(message, type, Options)));
    }

    /// <summary>Whether a question is one that a site's line carries.</summary>
    public static bool Carries(FederationQueries.IQuestion question) => Questions.ContainsKey(question.GetType().Name);

    /// <summary>The question of a kind; null where this version does not know the kind.</summary>
    /// <exception cref="FormatException">The text is not one of that kind.</exception>
    public static FederationQueries.IQuestion? ReadQuestion(string kind, ByteString text) => (FederationQueries.IQuestion?)Read(Questions, kind, text);

    /// <summary>The answer of a kind; null where this version does not know the kind.</summary>
    /// <exception cref="FormatException">The text is not one of that kind.</exception>
    public static IWireMessage? ReadAnswer(string kind, ByteString text) => (IWireMessage?)Read(Answers, kind, text);

    private static object? Read(FrozenDictionary<string, Type> kinds, string kind, ByteString text)
    {
        if (!kinds.TryGetValue(kind, out var type))
            return null;
        try
        {
            CheckNoNull(text.Span);
            return JsonSerializer.Deserialize(text.Span, type, Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"{kind} is malformed: {e.Message}", e);
        }
    }

    // None of them has a place for nothing; the serializer looks at members, and not into lists.
    private static void CheckNoNull(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MostDepth });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null)
                throw new FormatException($"null at byte {reader.TokenStartIndex}");
        }
    }

    private static FrozenDictionary<string, Type> Kinds(params Type[] types) => types.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);
}
