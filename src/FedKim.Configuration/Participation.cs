using System.Collections.Immutable;
using System.Globalization;
using FedKim.Rounds;

namespace FedKim.Configuration;

/// <summary>Who takes part in a federation as its file says: which sites, how many of them in a round, and with how many a round may go on.</summary>
/// <param name="Clients">The sites that it names, in ordinal order.</param>
/// <param name="Anyone">How many of whoever is certified, where it names none.</param>
/// <param name="Selection">Which of them a round asks.</param>
/// <param name="SkipAfter">After which silence a site is not waited for; null for waiting.</param>
/// <param name="Quorum">The least number of contributions.</param>
/// <param name="QuorumShare">The least share of the samples; 0 for none.</param>
internal sealed record Participation(
    ImmutableArray<ClientId> Clients, OpenInvitation? Anyone, Selection Selection, TimeSpan? SkipAfter, int Quorum, double QuorumShare)
{
    private const string Any = "any", All = "all", Wait = "wait", SkipsAfter = "skip after ", ByData = " by data";

    /// <summary>Whether a file lets in whoever is certified.</summary>
    public static bool IsForAnyone(Section federation) => federation.IsText("clients");

    /// <summary>Reads it.</summary>
    public static Participation Read(Section federation)
    {
        bool open = IsForAnyone(federation);
        var anyone = open ? Anybody(federation) : null;
        var clients = open ? [] : Named(federation);
        var selection = SelectionOf(federation);
        return new Participation(
            clients, anyone, selection, Absent(federation), QuorumOf(federation, anyone, anyone?.Least ?? clients.Length, selection), Share(federation));
    }

    private static OpenInvitation Anybody(Section federation)
    {
        federation.Choice("clients", [Any], remedy: " Name the sites in brackets, such as [a, b].");
        int least = federation.Number("least", 1, OpenInvitation.DefaultMost * 10);
        int most = federation.Number("most", 1, OpenInvitation.DefaultMost * 10, Math.Max(least, OpenInvitation.DefaultMost));
        if (most < least)
            federation.Problem("most", $"is {most}, and {least} sites must be here before the first round (least). Raise it, or lower least.");
        return new OpenInvitation(least, Math.Max(least, most));
    }

    private static ImmutableArray<ClientId> Named(Section federation)
    {
        var names = federation.Texts("clients");
        foreach (string name in names.Where(name => !Names.IsValid(name)))
            federation.Problem("clients", $"contains \"{name}\"; {Names.Rule}.");
        foreach (var twice in names.GroupBy(name => name).Where(group => group.Count() > 1))
            federation.Problem("clients", $"names {twice.Key} {twice.Count()} times; name each site once.");
        if (names.IsEmpty && federation.Has("clients"))
            federation.Problem("clients", "is empty; invite at least one site.");
        foreach (string key in (string[])["least", "most"])
        {
            if (federation.Has(key))
                federation.Problem(key, $"is of no use where clients names the sites. Take it out, or write clients = {Any}.");
        }
        return [.. names.Select(name => new ClientId(name)).Order()];
    }

    private static Selection SelectionOf(Section federation)
    {
        string text = federation.Text("selection", All);
        if (text == All)
            return Selection.All;
        bool byData = text.EndsWith(ByData, StringComparison.Ordinal);
        if (Section.Percent(byData ? text[..^ByData.Length] : text) is { } share)
            return new Selection(share, byData);
        federation.Problem("selection", $"is \"{text}\"; it must be {All}, or a share of the sites above 0 % such as 50 %, or 50 % by data.");
        return Selection.All;
    }

    private static TimeSpan? Absent(Section federation)
    {
        string text = federation.Text("absent", Wait);
        if (text == Wait)
            return null;
        if (text.StartsWith(SkipsAfter, StringComparison.Ordinal) && Durations.TryParse(text[SkipsAfter.Length..], out var skip))
            return skip;
        federation.Problem("absent", $"is \"{text}\"; it must be {Wait}, or {SkipsAfter}and a time, such as {SkipsAfter}10 minutes.");
        return null;
    }

    private static double Share(Section federation)
    {
        string text = federation.Text("quorum-share", FederationFile.None);
        if (text == FederationFile.None)
            return 0;
        if (Section.Percent(text) is { } share)
            return share;
        federation.Problem("quorum-share", $"is \"{text}\"; it must be a share of the samples, 1 % to 100 %, or {FederationFile.None}.");
        return 0;
    }

    // A number of sites, or a share of those whom a round asks, rounded up.
    private static int QuorumOf(Section federation, OpenInvitation? anyone, int sites, Selection selection)
    {
        string text = federation.Text("quorum");
        bool share = text.EndsWith('%');
        if (text.Length == 0 || sites == 0)
            return 1;
        int asked = selection.Of(sites, 1);
        if (!int.TryParse(text.TrimEnd('%', ' '), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1 || (share && number > 100))
        {
            federation.Problem("quorum", $"is \"{text}\"; it must be a number of sites, 1 to {asked}, or a share of them such as 80 %.");
            return 1;
        }
        int quorum = share ? (asked * number + 99) / 100 : number;
        if (quorum <= asked)
            return quorum;
        federation.Problem("quorum", asked < sites ? $"is {quorum}, but a round asks {asked} of {sites} sites (selection). Lower the quorum, or let it ask more."
            : anyone is not null ? $"is {quorum}, but the federation begins with as few as {sites} {Sites(sites)} (least). Lower the quorum, or raise least."
            : $"is {quorum}, but the federation invites {sites} {Sites(sites)}. Lower the quorum or invite more sites.");
        return quorum;
    }

    private static string Sites(int count) => count == 1 ? "site" : "sites";
}
