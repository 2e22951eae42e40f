using System.Security.Cryptography;
using System.Text;
using FedKim.Configuration;
using FedKim.Launch.Machine;

namespace FedKim.Node.Hosting;

/// <summary>Under what name a server holds leases: its own, and what only its work folder on this machine knows.</summary>
internal static class LeaseIdentity
{
    private const int Digits = 16;

    /// <summary>The same in every process of this node on this work folder, and in no other: neither in another node of its name, nor in a copy of the folder.</summary>
    public static string Of(NodeConfiguration node)
    {
        string path = Path.Combine(node.Work, "server.id");
        if (!File.Exists(path))
            TextFile.Write(path, Guid.NewGuid().ToString("N") + "\n");
        string all = $"{File.ReadAllText(path)}\n{Environment.MachineName}\n{Path.GetFullPath(node.Work)}";
        return $"{node.Site}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..Digits]}";
    }
}
