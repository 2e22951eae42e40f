using System.Collections.Immutable;
using FedKim.Certificates;
using FedKim.Node.Cli.Certs;

namespace FedKim.Node.Cli.Join;

/// <summary>The node that a site is about to have.</summary>
/// <param name="Id">Who it is, by its certificate.</param>
/// <param name="Hosts">Where others reach it, by its certificate; none for a site that only calls.</param>
/// <param name="Servers">Where servers are reached, as host:port.</param>
/// <param name="Folder">The folder of its key, in which everything is put; a full path.</param>
/// <param name="Data">The folder of its data; a full path, and empty where none was named.</param>
/// <param name="Work">Its work folder; a full path.</param>
/// <param name="Proxy">What leads out of the site; null for none.</param>
/// <param name="CommandPort">Where pbm asks it.</param>
internal sealed record SitePlan(
    PeerId Id, ImmutableArray<string> Hosts, ImmutableArray<string> Servers, string Folder, string Data, string Work, Uri? Proxy, int CommandPort)
{
    /// <summary>Its node file.</summary>
    public string File => Path.Combine(Folder, SiteBundle.NodeFileName);

    /// <summary>Whether it reads data of the site's.</summary>
    public bool ReadsData => SiteNodeFile.ReadsData(Id.Role);

    /// <summary>What the node file says.</summary>
    public string Text => SiteNodeFile.Of(Id, Hosts, Servers, new SiteNodeFile.Own(Written(Data), Written(Work), Proxy, CommandPort));

    // A folder that moves takes along what is in it, and nothing else.
    private string Written(string path) =>
        path.Length > 0 && Path.GetRelativePath(Folder, path) is var below && !Path.IsPathRooted(below) && below.Split('/', '\\')[0] != ".." ? below : path;
}
