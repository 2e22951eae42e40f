using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace FedKim.Page.Tests;

/// <summary>What happens is seen as it happens.</summary>
[Collection(nameof(ShownFederation))]
public sealed partial class LivePageTests(ShownFederation shown)
{
    // What a site that has vanished is seen by: hellos left out for two and a half seconds, and a question a second.
    private const int Soon = 5000;

    [Fact]
    public async Task Progress_arrives_without_a_reload()
    {
        await using var visit = await shown.Visit();
        await visit.Reads("#link", "live");
        await visit.Page.EvaluateAsync("window.isTheSame = true");

        await shown.Submit("live", rounds: 2, milliseconds: 1000);

        await visit.Reads(".headline", "Round 1 of 2");
        await visit.Reads(".headline", "Round 2 of 2");
        await visit.Reads(".headline", "Completed: 2 rounds");
        Assert.True(await visit.Page.EvaluateAsync<bool>("window.isTheSame"));
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task A_pause_is_said_and_stays_in_the_timeline()
    {
        await using var visit = await shown.Visit();
        await shown.Submit("paused", rounds: 1, milliseconds: 4000);
        await visit.Reads(".headline", "Round 1 of 1");

        Assert.Single(await shown.Federation.Ask("round", "pause", ("federation", "paused")));
        await visit.Reads(".headline", "Paused. Round 1 of 1");
        Assert.Single(await shown.Federation.Ask("round", "resume", ("federation", "paused")));
        await visit.Reads(".headline", "Completed: 1 round");

        await visit.Show("timeline", "svg.drawn rect.paused");
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task A_killed_site_is_seen_within_five_seconds_and_its_return_too()
    {
        const string Site = "hospital-b", Row = "#view tr:has(th:text-is('hospital-b')) td[data-name=Present]";
        await using var visit = await shown.Visit();
        await visit.Show("sites", $"td[data-name=Present]:text-is('here')");
        await visit.Reads(Row, "here");

        await shown.Federation.WhileFrozen(async () =>
        {
            await shown.Federation.KillUncollected(Site);
            await Assertions.Expect(visit.Page.Locator(Row)).ToHaveTextAsync(Gone(), new() { Timeout = Soon });
        });

        await visit.Reads(Row, "here");
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task A_page_whose_server_dies_says_so_and_goes_on_when_it_is_back()
    {
        await using var visit = await shown.Visit();
        await visit.Reads("#link", "live");

        await shown.Federation.WhileFrozen(async () =>
        {
            await shown.Federation.KillUncollected("server");
            await visit.Reads("#link", "No word from server", Soon / 1000);
        });

        await visit.Reads("#link", "live");
        await visit.Reads(".headline", "Completed");
    }

    [GeneratedRegex("^(not heard|away)$")]
    private static partial Regex Gone();
}
