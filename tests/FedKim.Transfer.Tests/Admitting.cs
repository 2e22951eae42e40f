using FedKim.Rounds;

namespace FedKim.Transfer.Tests;

/// <summary>Tells a spool how its round stands, as the round's coordinator does.</summary>
internal static class Admitting
{
    /// <summary>These sites are invited, and this update of the first of them counts already.</summary>
    public static void Admit(this RoundSpool spool, RoundId id, ClientId[] invited, Digest? counted = null)
    {
        var at = DateTimeOffset.UnixEpoch;
        var round = RoundRules.Apply(new Round(id), new RoundEvents.Opened(default, default, null, [.. invited], 1, at));
        if (counted is { } update)
            round = RoundRules.Apply(round, new RoundEvents.ContributionAccepted(invited[0], update, SampleCounts.None, 0, at));
        spool.Admit(round, Roster.Of(invited));
    }
}
