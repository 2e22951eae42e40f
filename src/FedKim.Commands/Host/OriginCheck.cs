using Microsoft.AspNetCore.Http;

namespace FedKim.Commands.Host;

/// <summary>
/// Whether a page of another origin sent a request: a browser adds to it what its person may do, a certificate or an account of this machine, and says
/// where the page is from. A program that is no browser says nothing of the kind.
/// </summary>
internal static class OriginCheck
{
    /// <summary>What such a page is told.</summary>
    public const string Refusal = "A page of another origin gives no commands here, and watches none.";

    private const string Site = "Sec-Fetch-Site";

    public static bool IsBrowser(HttpRequest request) => request.Headers.ContainsKey(Site);

    public static bool IsForeign(HttpRequest request)
    {
        string site = request.Headers[Site].ToString(), origin = request.Headers.Origin.ToString();
        return site is not ("" or "same-origin" or "none")
            || (origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));
    }
}
