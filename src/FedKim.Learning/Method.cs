using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>FedKIM, or a baseline or an ablation of it: what it leaves out (method §6).</summary>
/// <param name="Name">As the federation file says it.</param>
/// <param name="MostExperts">Bound of the plan's number of experts: 1 is one plain LoRA a projection without a router, 0 none.</param>
/// <param name="RoutesByTask">Whether the router reads the task's description; if not, it reads the modality's in its place.</param>
/// <param name="RoutesByModality">Whether the router reads the modality's description; if not, it reads the task's in its place.</param>
/// <param name="Injects">Whether there is an injection at all, or the small models alone are federated.</param>
/// <param name="Routes">Whether a router weighs the experts; if not, all count alike, which is one LoRA of their ranks together.</param>
/// <param name="PublicOnly">Whether encoders and decoders are trained on the server's public data alone, by one site in place of the hospitals.</param>
public sealed record Method(
    string Name, int MostExperts = int.MaxValue, bool RoutesByTask = true, bool RoutesByModality = true, bool Injects = true, bool PublicOnly = false, bool Routes = true)
{
    /// <summary>The one site of a federation that trains on public data alone; its data is the server's public split.</summary>
    public const string PublicSite = "public";

    /// <summary>The name by which reports list the aggregated client models without the foundation model.</summary>
    public const string SmallModels = "small-models";

    /// <summary>Every method.</summary>
    public static ImmutableArray<Method> All { get; } =
    [
        new("fedkim"),
        new("fedkim-pub", PublicOnly: true),
        new("fedkim-t", RoutesByTask: false),
        new("fedkim-m", RoutesByModality: false),
        new("fedplug", MostExperts: 0),
        new("fedplug-l", MostExperts: 1),
        // The rank, the scale and the number of FedKIM's parameters: what it differs by is the router alone.
        new("fedplug-l-equal", Routes: false),
        new(SmallModels, MostExperts: 0, Injects: false),
    ];

    /// <summary>The method of a name.</summary>
    /// <exception cref="LearningException">There is none of that name.</exception>
    public static Method Of(string name) => All.FirstOrDefault(method => method.Name == name)
        ?? throw new LearningException($"federation.method '{name}' is unknown. Known are: {string.Join(", ", All.Select(m => m.Name))}.", reason: SiteSentences.UnknownName.Say("method", name));
}
