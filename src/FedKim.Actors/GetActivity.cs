using Akka.Actor;

namespace FedKim.Actors;

/// <summary>Asks a node's own hospital or injector what it does now, without a server between; answered by an <see cref="Activity"/>.</summary>
public sealed record GetActivity : INoSerializationVerificationNeeded;

/// <summary>What a node does now.</summary>
/// <param name="Name">As in the status that the server shows.</param>
/// <param name="Work">The round or the injector's work; empty when idle.</param>
/// <param name="Problem">What keeps it from working; empty when nothing does.</param>
public sealed record Activity(string Name, string Work, string Problem) : INoSerializationVerificationNeeded;
