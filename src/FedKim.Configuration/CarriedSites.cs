using System.Collections.Immutable;
using FedKim.Actors.Hospital.Plans;

namespace FedKim.Configuration;

/// <summary>
/// The sites of a node that carries several. One process, one account and one key cannot keep sites apart, and a certificate names one: several are for
/// a rehearsal on machines of one's own, without certificates, and by the link of those machines' cluster.
/// </summary>
internal static class CarriedSites
{
    private const string Key = "clients";

    /// <summary>The sites that a node's file names; the node's own name where it names none.</summary>
    public static ImmutableArray<string> Of(Section hospital, string site)
    {
        var names = hospital.Texts(Key);
        if (names.FirstOrDefault(name => !Names.IsValid(name)) is { } none)
            hospital.Problem(Key, $"contains \"{none}\"; {Names.Rule}.");
        foreach (var twice in names.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            hospital.Problem(Key, $"names {twice.Key} {twice.Count()} times; name each site once.");
        return names.IsEmpty ? [site] : [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>What does not go with several sites.</summary>
    public static void Check(Section hospital, NodeConfiguration node)
    {
        string those = $"names {node.Clients.Length} {(node.Clients.Length == 1 ? "other site" : "sites")}";
        if (node.Link == SiteLink.Outbound)
            hospital.Problem(Key, $"{those}, and cluster.link is outbound: a line to a server's door speaks for the one site that opened it. Set cluster.link = member, or give each site a node of its own.");
        if (node.IsSecured)
            hospital.Problem(Key, $"{those}, and security is on: a certificate names one site, and nothing keeps several in one process apart. They are for rehearsals: set security = off where nobody else is, or give each site a node of its own.");
        if (node.Roles is not [NodeRoles.Hospital])
            hospital.Problem(Key, $"{those}, and roles are {string.Join(", ", node.Roles)}: what a server keeps is no copy, and sites that share it would not know what may go. Give the sites a node of their own.");
        if (node.Accept.Plans != AcceptedPlans.Certified)
            hospital.Problem(Key, $"{those}, and accept is {node.Accept.Plans.ToString().ToLowerInvariant()}: one word cannot be said for several sites. Set accept = certified, or give each site a node of its own.");
    }
}
