using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Configuration;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using Hyperion;

namespace FedKim.Protocol.Hyperion;

/// <summary>
/// The types Hyperion may read and write: the wire messages and what they are made of, actor references, and those the configuration adds.
/// Texts, bytes, whole numbers, doubles and truth values are kinds of their own and need no allowance.
/// </summary>
/// <remarks>
/// Hyperion 0.12.2's own filter compares the full assembly-qualified name it writes with the short one it was given, and so refuses the
/// types it was told to allow. This one compares names without version, culture and key, and takes both names of the core library as one.
/// </remarks>
/// <param name="additional">Assembly-qualified names of further types.</param>
internal sealed partial class WireTypeFilter(IEnumerable<string> additional) : ITypeFilter
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<string>> Fields = new();

    private readonly FrozenDictionary<string, Type> _allowed =
        WireTypes().Concat(additional.Select(Load)).Distinct().ToFrozenDictionary(t => Plain(t.AssemblyQualifiedName!), StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool IsAllowed(string typeName) => Find(typeName) is not null;

    /// <summary>The type of this name; null when it is not allowed.</summary>
    public Type? Find(string typeName) => _allowed.GetValueOrDefault(Plain(typeName));

    /// <summary>The names of a type's fields in the order Hyperion writes them.</summary>
    public static IReadOnlyList<string> FieldNames(Type type) => Fields.GetOrAdd(type, static t =>
        [.. t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(f => f.Name).Order(StringComparer.Ordinal)]);

    private static IEnumerable<Type> WireTypes()
    {
        Type[] messages = [.. typeof(IWireMessage).Assembly.GetTypes().Where(IsMessagePart)];
        Type[] rules = [typeof(ClientId), typeof(FederationId), typeof(RoundId), typeof(Digest)];
        return [.. messages, .. messages.Select(m => m.MakeArrayType()), .. rules, typeof(ActorRefBase.Surrogate), typeof(string[])];
    }

    private static bool IsMessagePart(Type type) =>
        type is { IsClass: true, IsAbstract: false } && type.Namespace == typeof(IWireMessage).Namespace && type.GetMethod("<Clone>$") is not null;

    private static Type Load(string name) => Type.GetType(name)
        ?? throw new ConfigurationException($"akka.actor.serialization-settings.hyperion.allowed-types names '{name}', which is not a type here.");

    private static string Plain(string name) =>
        VersionCultureKey().Replace(name, "").Replace("System.Private.CoreLib", "%core%").Replace("mscorlib", "%core%").Replace(" ", "");

    [GeneratedRegex(@",\s*(Version|Culture|PublicKeyToken)=[^,\]]*")]
    private static partial Regex VersionCultureKey();
}
