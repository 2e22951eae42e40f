using Akka.Actor;

namespace FedKim.Actors.Links;

/// <summary>An outbound link has reached a server; published on its actor system's event stream.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Door">Where its certificate was checked, <c>host:port</c>.</param>
internal sealed record ServerMet(string Server, string Door) : INoSerializationVerificationNeeded;
