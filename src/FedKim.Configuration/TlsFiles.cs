using System.Net;

namespace FedKim.Configuration;

/// <summary>The files by which a node shows who it is, and goes by in judging others; full paths. They are read again when they change.</summary>
/// <param name="Authority">The certificate of the consortium's authority.</param>
/// <param name="Certificate">The node's own certificate, and those between it and the authority behind it.</param>
/// <param name="Key">Its key.</param>
/// <param name="Revoked">The authority's list of revoked certificates; empty for none.</param>
public sealed record TlsFiles(string Authority, string Certificate, string Key, string Revoked)
{
    /// <summary>Reads and checks what a node file says of security; null where nodes of this machine alone, or by the file's own word, speak without certificates.</summary>
    /// <param name="fedkim">The file's section.</param>
    /// <param name="hosts">Where others reach the node and where it listens, or where it reaches others.</param>
    /// <param name="pathOf">The full path of one that the file writes.</param>
    internal static TlsFiles? Of(Section fedkim, IEnumerable<string> hosts, Func<string, string> pathOf)
    {
        var tls = fedkim.Child("tls");
        string[] keys = ["authority", "certificate", "key"];
        var files = new TlsFiles(At("authority"), At("certificate"), At("key"), At("revoked"));
        if (!fedkim.Flag("security"))
            return null;
        foreach (string key in keys.Append("revoked").Where(key => At(key).Length > 0 && !File.Exists(At(key))))
            tls.Problem(key, $"is \"{At(key)}\", and there is no such file. Correct the path, or bring the file: fedkim certs makes it.");
        string[] missing = [.. keys.Where(key => tls.Text(key, "").Length == 0)];
        if (missing.Length == keys.Length && hosts.All(IsThisMachine))
            return null;
        if (missing.Length == keys.Length)
        {
            fedkim.Problem("tls", "names no certificate, and this node speaks with other machines: whoever reaches it, or stands on the way, would be obeyed. Get its certificate (fedkim certs request, at this site), or, on a network where nobody else is, write fedkim.security = off.");
            return null;
        }
        foreach (string key in missing)
            tls.Problem(key, "is missing; a certificate counts only with its key, and both only with the authority's certificate.");
        return files;

        string At(string key) => pathOf(tls.Text(key, ""));
    }

    private static bool IsThisMachine(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
