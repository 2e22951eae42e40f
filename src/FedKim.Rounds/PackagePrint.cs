using System.Security.Cryptography;
using System.Text;

namespace FedKim.Rounds;

/// <summary>
/// Which packages of the user's own a process has loaded, as one short print: two nodes with the same packages have the same one, whatever the files
/// are called and in which order they are named.
/// </summary>
public static class PackagePrint
{
    /// <summary>This process's; empty where it has none.</summary>
    public static string Own { get; private set; } = "";

    /// <summary>The print of packages with these contents; empty for none.</summary>
    public static string Of(IEnumerable<Digest> contents)
    {
        string all = string.Join('\n', contents.Select(content => content.Hex).Order(StringComparer.Ordinal));
        return all.Length == 0 ? "" : Digest.Of(SHA256.HashData(Encoding.ASCII.GetBytes(all))).Short;
    }

    /// <summary>This process has loaded these.</summary>
    public static void Loaded(IEnumerable<Digest> contents) => Own = Of(contents);
}
