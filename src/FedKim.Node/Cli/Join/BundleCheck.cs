using System.Globalization;
using FedKim.Certificates;
using FedKim.Launch.Answers;
using FedKim.Node.Cli.Certs;

namespace FedKim.Node.Cli.Join;

/// <summary>Looks at what a site was given: whether its certificate counts now, who signed it, and what was revoked until then.</summary>
internal static class BundleCheck
{
    private const int MostServers = 20;

    /// <summary>What is found.</summary>
    /// <param name="bundle">As the site's folder takes it.</param>
    /// <param name="path">Its file.</param>
    /// <param name="given">As it was given.</param>
    /// <param name="folder">The folder of its key.</param>
    /// <param name="words">Eight words of each authority, as its keeper has read them out; none where nobody has.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="CertificateException">A part of it cannot be read.</exception>
    public static IEnumerable<Finding> Of(SiteBundle bundle, string path, SiteBundle given, string folder, IReadOnlyCollection<string> words, DateTimeOffset now)
    {
        yield return new Finding("bundle", $"{path} is whole, and {Path.Combine(folder, SiteRequest.KeyName)} is its key");
        if (given != bundle)
            yield return Finding.Doubt("bundle", $"{path} is older than what is in {folder}: what is newer there stays");

        foreach (var authority in bundle.Roots(path))
            yield return Authority(authority, folder, words);

        var (shown, lists) = (bundle.Show(path), bundle.Lists(path));
        int days = (int)Math.Floor((shown.Ends - now).TotalDays);
        string who = $"{shown.Name}, signed by {shown.Issuer}, until {CertsCommand.Time(shown.Ends)}";
        yield return bundle.Check(path, now).Problem is { } problem ? Finding.Wrong("certificate", $"{who}: every server would refuse it: {problem.TrimEnd('?')}{(problem.EndsWith('?') ? "?" : ".")} Ask the authority's keeper for one that counts")
            : CertificateEnd.IsNear(shown.Ends, now) ? Finding.Doubt("certificate", string.Create(CultureInfo.InvariantCulture, $"{who}: it counts, and ends in {days} days. Ask the authority's keeper to renew it: fedkim certs renew"))
            : new Finding("certificate", string.Create(CultureInfo.InvariantCulture, $"{who}: it counts, for {days} days"));
        foreach (var list in lists)
            yield return new Finding("revoked", string.Create(CultureInfo.InvariantCulture, $"the authority's list of {CertsCommand.Time(list.MadeAt)} names {list.Count} certificates"));
        if (bundle.Servers.IsEmpty || bundle.Servers.Length > MostServers || !bundle.Servers.All(SiteServers.IsAddress))
            yield return Finding.Wrong("bundle", $"{path} does not name 1 to {MostServers} servers as host:port. Ask for the file that fedkim certs sign has written");
        if (shown.Id is { Role: PeerRole.Operator or PeerRole.Observer } person)
            yield return Finding.Wrong("bundle", $"{path} is of {person}, who runs no node: there is nothing to join. Take it out beside its key for the commands that ask for a certificate");
    }

    // Whoever makes a bundle puts an authority of its own into it: only a person can tell whose it is, once.
    private static Finding Authority(ShownCertificate authority, string folder, IReadOnlyCollection<string> words)
    {
        string who = $"{authority.Name}, {authority.Print}";
        if (words.Count > 0)
        {
            return words.Any(said => IsPrint(said, authority.Print))
                ? new Finding("authority", $"{who}: the words that --authority says")
                : Finding.Wrong("authority", $"{who}: --authority does not say these words. If the keeper has not read them out either, the bundle is another authority's: do not use it, and call the keeper; where one authority takes another's place, give --authority once for each");
        }

        return SiteBundle.AuthoritiesIn(folder).Any(known => known.Print == authority.Print)
            ? new Finding("authority", $"{who}: as it was in {folder}")
            : Finding.Doubt("authority", $"{who}: ask the keeper on the telephone whether these are the authority's eight words. If they are not, this bundle is a stranger's");
    }

    // As somebody writes down what is read out.
    private static bool IsPrint(string said, string print) =>
        string.Join('-', said.Split([' ', '\t', '-'], StringSplitOptions.RemoveEmptyEntries)).Equals(print, StringComparison.OrdinalIgnoreCase);
}
