using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Util;
using FedKim.Rounds;
using Hyperion;

namespace FedKim.Protocol.Hyperion;

/// <summary>
/// The types Hyperion may read and write: the wire messages and what they are made of, actor references, and those the configuration adds.
/// </summary>
/// <remarks>
/// Hyperion 0.12.2's own filter compares the full assembly-qualified name it writes with the short one it was given, and so refuses the
/// types it was told to allow. This one compares names without version, culture and key, and takes both names of the core library as one.
/// </remarks>
/// <param name="additional">Assembly-qualified names of further types.</param>
internal sealed partial class WireTypeFilter(IEnumerable<string> additional) : ITypeFilter
{
    private readonly FrozenSet<string> _allowed = FrozenSet.ToFrozenSet(
        WireTypes().Select(t => Plain(t.AssemblyQualifiedName!)).Concat(additional.Select(Plain)), StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool IsAllowed(string typeName) => _allowed.Contains(Plain(typeName));

    private static IEnumerable<Type> WireTypes()
    {
        Type[] messages = [.. typeof(IWireMessage).Assembly.GetTypes().Where(IsMessagePart)];
        Type[] ids = [typeof(ClientId), typeof(FederationId), typeof(RoundId), typeof(Digest)];
        Type[] actors = [typeof(ActorRefBase.Surrogate), typeof(Address.AddressSurrogate), typeof(ISurrogate)];
        Type[] plain = [typeof(string), typeof(int), typeof(long), typeof(double), typeof(bool)];
        return [.. messages, .. messages.Select(m => m.MakeArrayType()), .. ids, .. actors, .. plain, typeof(string[])];
    }

    private static bool IsMessagePart(Type type) =>
        type is { IsClass: true, IsAbstract: false, Namespace: "FedKim.Protocol" } && type.GetMethod("<Clone>$") is not null;

    private static string Plain(string name) =>
        VersionCultureKey().Replace(name, "").Replace("System.Private.CoreLib", "%core%").Replace("mscorlib", "%core%").Replace(" ", "");

    [GeneratedRegex(@",\s*(Version|Culture|PublicKeyToken)=[^,\]]*")]
    private static partial Regex VersionCultureKey();
}
