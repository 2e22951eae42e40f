using System.Text.RegularExpressions;
using FedKim.Actors.Errands;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// What sites and injectors say of themselves every second, as a server shows it to others: words that it knows, names that are names, and
/// numbers. Whoever says something else is shown without it.
/// </summary>
internal static partial class SaidStatus
{
    private const string Unknown = "unknown";

    private static readonly HashSet<string> Activities = [.. Enum.GetValues<Stage>().Select(stage => stage.Text())];

    /// <summary>A site's.</summary>
    public static SiteStatus Read(SiteStatus? said) => said is null
        ? new SiteStatus(Unknown, "", 0, 0, double.NaN, 0, "")
        : said with { Activity = Activity(said.Activity), Round = Name(said.Round), Problem = Problem(said.Problem), DataChanged = Name(said.DataChanged) };

    /// <summary>An injector's.</summary>
    public static InjectorStatus Read(InjectorStatus? said) => said is null
        ? new InjectorStatus(Unknown, "", 0, 0, double.NaN, "")
        : said with { Activity = Activity(said.Activity), Work = Name(said.Work), Problem = Problem(said.Problem) };

    /// <summary>The name of a round, a work or a work folder; empty where it is none.</summary>
    public static string Name(string? said) => said is not null && Named().IsMatch(said) ? said : "";

    private static string Activity(string? said) => said is not null && Activities.Contains(said) ? said : Unknown;

    private static string Problem(string? said) => string.IsNullOrEmpty(said) ? "" : SiteReason.Read(said).Text;

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}\z")]
    private static partial Regex Named();
}
