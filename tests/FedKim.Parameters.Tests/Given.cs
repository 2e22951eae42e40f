using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Parameters.Tests;

/// <summary>A plan, models and updates for tests that do not care which.</summary>
internal static class Given
{
    internal static FederationPlan Plan(string weighting = "samples") => new()
    {
        Id = new FederationId("demo"),
        Seed = 1,
        Rounds = 1,
        Clients = [],
        Quorum = 1,
        Deadline = TimeSpan.FromMinutes(1),
        Strategy = "fedavg",
        Weighting = weighting,
        Method = "fedkim",
        Parts = new Dictionary<string, ImmutableArray<string>>
        {
            ["decoder.ecg"] = ["ecg"],
            ["decoder.xray"] = ["xray"],
            ["encoder.image"] = ["xray", "opacity"],
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Learning = "{}",
    };

    internal static WeightFile Model(string path, params TensorData[] tensors) => new(path, SafetensorsWriter.Write(path, tensors));

    internal static ClientUpdate Sent(TemporaryFolder folder, string client, SampleCounts samples, params TensorData[] tensors) =>
        new(new ClientId(client), Model(folder[client], tensors), samples);
}
