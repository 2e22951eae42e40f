using System.Security.Cryptography;
using FedKim.Configuration;
using FedKim.Parameters;

namespace FedKim.Node.Hosting;

/// <summary>The key under which a hospital fingerprints what it trains on: a file of its work folder that only its account may read, and that never leaves it.</summary>
internal static class SiteKey
{
    private const int Bytes = 32;

    /// <summary>The node's key, which is made where there is none.</summary>
    /// <exception cref="InvalidConfigurationException">It can be neither read nor made.</exception>
    public static byte[] Of(NodeConfiguration node)
    {
        string path = Path.Combine(node.Work, "site.key"), temporary = path + ".tmp";
        try
        {
            if (File.Exists(path) && File.ReadAllBytes(path) is { Length: Bytes } key)
                return key;
            byte[] made = RandomNumberGenerator.GetBytes(Bytes);
            using var file = DurableFile.Begin(temporary, secret: true);
            file.Write(made);
            DurableFile.Commit(file.SafeFileHandle, temporary, path);
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException([$"{node.File}: fedkim.work is \"{node.Work}\", in which the site's key cannot be kept: {e.Message} Name a folder this account may write to."]);
        }
    }
}
