using System.Globalization;
using FedKim.Certificates;
using FedKim.Configuration;

namespace FedKim.Node.Cli.Join;

/// <summary>Looks at a node file that is there already: it is the site's own, and stays. Where it says something else than was asked for, the site is told.</summary>
internal static class NodeFileCheck
{
    /// <summary>What is found; null where there is none yet.</summary>
    public static Finding? Of(SitePlan plan)
    {
        if (!File.Exists(plan.File))
            return null;
        try
        {
            if (File.ReadAllText(plan.File) == plan.Text)
                return new Finding("node file", $"{plan.File} says this already");
            string[] other = [.. Differences(NodeConfiguration.Read(plan.File), plan)];
            return other.Length == 0
                ? new Finding("node file", $"{plan.File} is the site's own by now, agrees with this command, and stays")
                : Finding.Wrong("node file", $"{plan.File} is there and says something else: {string.Join("; ", other)}. Ask for what it says, or move it away to have it written anew");
        }
        catch (InvalidConfigurationException e)
        {
            return Finding.Wrong("node file", $"{plan.File} is there and cannot be used: {string.Join(" ", e.Problems)} Mend it, or move it away to have it written anew");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Wrong("node file", $"{plan.File} is there and cannot be read: {e.Message} Mend its rights, or move it away to have it written anew");
        }
    }

    private static IEnumerable<string> Differences(NodeConfiguration there, SitePlan plan) =>
        from setting in new (string Key, string There, string Asked)[]
        {
            ("site", there.Site, plan.Id.Site),
            ("roles", string.Join(", ", there.Roles), PeerId.Name(plan.Id.Role)),
            ("data", Path.TrimEndingDirectorySeparator(there.Data), plan.Data),
            ("work", Path.TrimEndingDirectorySeparator(there.Work), plan.Work),
            ("cluster.doors", string.Join(", ", there.Doors), plan.Id.Role is PeerRole.Hospital ? string.Join(", ", plan.Servers) : ""),
            ("cluster.proxy", there.Proxy?.ToString() ?? "", plan.Proxy?.ToString() ?? ""),
            ("commands.port", Text(there.CommandPort), Text(plan.CommandPort)),
        }
        where setting.There != setting.Asked
        select $"fedkim.{setting.Key} is \"{setting.There}\" there, and \"{setting.Asked}\" is asked for";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
