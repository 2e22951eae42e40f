using FedKim.Certificates;

namespace FedKim.Node.Cli.Join;

/// <summary>
/// Finds the folder of the key that a bundle is for: where the request was made, there the key has stayed. Without being told, it is looked for
/// beside the bundle and in the current folder, and in the folders directly below both.
/// </summary>
internal static class KeyFolder
{
    private const int MostFolders = 1000;

    /// <summary>Finds it.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="path">Its file.</param>
    /// <param name="named">The folder that was named; null where none was.</param>
    /// <returns>A full path.</returns>
    /// <exception cref="CertificateException">There is none, or the key is another's.</exception>
    public static string Of(SiteBundle bundle, string path, string? named)
    {
        string print = $"The certificate is for the key {bundle.Show(path).Print}.";
        if (named is not null)
        {
            string key = Path.Combine(named, SiteRequest.KeyName);
            if (!File.Exists(key))
                throw new CertificateException($"--key {named}: there is no {SiteRequest.KeyName} in it. Name the folder that fedkim certs request has written.");
            return bundle.IsFor(path, key) ? Path.GetFullPath(named) : throw new CertificateException(
                $"{path} is not for the key {key}. {print} Name the folder that this site's request was made in, or ask the authority's keeper for the bundle of your own request.");
        }
        string[] keys = [.. Below(Path.GetDirectoryName(Path.GetFullPath(path))!).Concat(Below(Directory.GetCurrentDirectory())).Distinct().Where(HasKey)];
        string[] own = [.. keys.Where(folder => bundle.IsFor(path, Path.Combine(folder, SiteRequest.KeyName)))];
        return own switch
        {
            [var only] => only,
            [] when keys.Length == 0 => throw new CertificateException(
                $"There is no {SiteRequest.KeyName} beside {path}, in this folder, or in a folder directly below. Name the folder in which the request was made: --key DIR"),
            [] => throw new CertificateException(
                $"{path} is for none of the keys in {string.Join(", ", keys)}. {print} Name the folder that this site's request was made in with --key DIR, or ask the authority's keeper for the bundle of your own request."),
            _ => throw new CertificateException($"The key of {path} is in {string.Join(" and in ", own)}. Say with --key DIR which of them is the node's, and remove the others."),
        };
    }

    private static bool HasKey(string folder) => File.Exists(Path.Combine(folder, SiteRequest.KeyName));

    private static IEnumerable<string> Below(string folder) =>
        Directory.EnumerateDirectories(folder, "*", new EnumerationOptions { IgnoreInaccessible = true }).Take(MostFolders).Prepend(folder);
}
