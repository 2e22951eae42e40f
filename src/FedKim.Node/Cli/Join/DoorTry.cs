using FedKim.Actors.Links;
using FedKim.Certificates;
using FedKim.Launch;

namespace FedKim.Node.Cli.Join;

/// <summary>What became of one try at a server's door.</summary>
/// <param name="Code">One of <see cref="ExitCodes"/>: done, unreachable, or refused for a reason that stays.</param>
/// <param name="Found">Each step that was tried, and how it ended.</param>
/// <param name="Clock">The clocks, where the server let this site in.</param>
internal sealed record DoorTry(int Code, string Found, Finding? Clock = null)
{
    /// <summary>Whether this site is let in there.</summary>
    public bool IsOpen => Code == ExitCodes.Ok;

    /// <summary>Tries whether a member of the cluster is reached at all: who it is the nodes tell each other.</summary>
    /// <param name="member">Where it is, as host:port.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<DoorTry> MemberAsync(string member, CancellationToken cancel)
    {
        try
        {
            var (line, steps) = await Way.OpenAsync(member, proxy: null, cancel);
            await line.DisposeAsync();
            return new DoorTry(ExitCodes.Ok, $"{steps}: it takes connections");
        }
        catch (LinkException e)
        {
            return new DoorTry(ExitCodes.Unreachable, $"{member}: {e.Message}");
        }
    }

    /// <summary>What the tries say together: one open door is enough.</summary>
    public static IEnumerable<Finding> Findings(string what, IReadOnlyCollection<DoorTry> tries)
    {
        bool any = tries.Any(one => one.IsOpen);
        return tries.Select(one => new Finding(what, one.Found, any ? ExitCodes.Ok : one.Code, IsDoubtful: !one.IsOpen)).Concat(tries.Select(one => one.Clock).OfType<Finding>());
    }

    /// <summary>Why a server that proves itself does not take this site's certificate, as far as this site can know: TLS does not say.</summary>
    /// <param name="certificate">This site's.</param>
    /// <param name="listed">When the list was made by which it is not revoked.</param>
    /// <param name="now">The time.</param>
    public static string WhyRefused(ShownCertificate certificate, DateTimeOffset listed, DateTimeOffset now)
    {
        var (since, left) = (now - certificate.Begins, certificate.Ends - now);
        string clock = since < left ? $"behind this one by more than {Span.Text(since)}" : $"ahead of this one by more than {Span.Text(left)}";
        return $"it refuses this site's certificate, and does not say why: the certificate was revoked after the list of {listed.UtcDateTime:u} was made, or that server's clock is {clock}. Ask the authority's keeper (fedkim certs list)";
    }
}
