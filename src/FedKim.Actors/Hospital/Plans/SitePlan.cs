using System.Security.Cryptography;
using System.Text.Json;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Hospital.Plans;

/// <summary>What a server asks a site to train for, as the order says it. Two rounds of one federation have the same; anything else is another plan.</summary>
/// <param name="Federation">The federation's name.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Strategy">Its strategy.</param>
/// <param name="Learning">The learning plan, JSON: tasks, readers, columns, sizes.</param>
internal sealed record SitePlan(string Federation, long Seed, string Strategy, string Learning)
{
    /// <summary>The plan of an order.</summary>
    public static SitePlan Of(SiteMessages.Train order) => new(order.Round.Federation.Value, order.Seed, order.Strategy, order.Learning);

    /// <summary>The SHA-256 of all of it, in hexadecimal: the name of exactly this plan.</summary>
    public string Digest() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes<object[]>([Federation, Seed, Strategy, Learning])));
}
