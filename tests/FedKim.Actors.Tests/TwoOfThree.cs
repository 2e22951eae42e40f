using FedKim.Protocol.Messages;

namespace FedKim.Actors.Tests;

/// <summary>A federation in whose first round two sites count, and the third waits.</summary>
internal sealed record TwoOfThree(TestFederation Federation, Gate Gate, Counted Trained) : IAsyncDisposable
{
    public static async Task<TwoOfThree> Begin()
    {
        var gate = new Gate();
        var trained = new Counted();
        var federation = await TestFederation.Start([], f => (f.Training["hospital-a"], f.Training["hospital-c"]) = (trained, new Counted(gate)));
        foreach (string site in Undisturbed.Sites)
            federation.StartHospital(site);
        await federation.Submit(Undisturbed.Plan with { MaxNorm = 1000 });
        await federation.Accepted(round: 1, count: 2);
        return new TwoOfThree(federation, gate, trained);
    }

    /// <param name="calls">How often hospital-a is to have trained, or looked into its outbox; null where that does not matter.</param>
    public async Task EndsAsUndisturbed(int? calls)
    {
        Gate.Open();
        var end = await Federation.AwaitEnd();
        var expected = await Undisturbed.End;
        Assert.Equal(("Completed", expected.GlobalModel, expected.Adapter), (end.Phase, end.GlobalModel, end.Adapter));
        foreach (int number in (int[])[1, 2])
            Assert.Equal(Undisturbed.Sites, (await Federation.Ask<RoundView>(new FederationQueries.GetRound(number))).Accepted.Select(a => a.Client));
        if (calls is not null)
            Assert.Equal(calls, Trained.Calls);
    }

    public ValueTask DisposeAsync() => Federation.DisposeAsync();
}
