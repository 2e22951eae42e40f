using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace FedKim.Page.Tests;

/// <summary>Every view, on a telephone and a large screen, in the light and in the dark.</summary>
[Collection(nameof(ShownFederation))]
public sealed class ViewTests(ShownFederation shown)
{
    // What is there once the view is whole.
    private static readonly (string View, string Whole)[] Views =
    [
        ("federation", ".headline:has-text('Completed')"), ("timeline", "svg.drawn"), ("sites", "tbody tr"), ("learning", "table.heat"), ("journal", "tbody tr"),
        ("report", "svg.drawn"), ("compare", "tbody tr"),
    ];

    // Of what passes it would else describe every element.
    private static readonly AxeRunOptions OnlyViolations = new() { ResultTypes = [ResultType.Violations] };

    public static TheoryData<int, ColorScheme> Screens => new()
    {
        { 390, ColorScheme.Light }, { 390, ColorScheme.Dark }, { 1440, ColorScheme.Light }, { 1440, ColorScheme.Dark },
    };

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Every_view_fits_the_screen_and_asks_nobody_but_its_server(int width, ColorScheme scheme)
    {
        await using var visit = await shown.Visit(width, scheme);
        await visit.Choose(ShownFederation.Demo);
        var problems = new List<string>();

        foreach (var (view, whole) in Views)
        {
            await visit.Show(view, whole);
            await visit.Page.ScreenshotAsync(new() { FullPage = true, Path = Path.Combine(ShownFederation.Pictures, $"{view}-{width}-{scheme}.png".ToLowerInvariant()) });
            int wide = await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            if (wide > width)
                problems.Add($"{view} is {wide} wide");
        }

        Assert.Empty(problems.Concat(visit.Problems));
    }

    // Of colours axe sees what differs by scheme, and of the layout what differs by width: two of the four are enough.
    [Theory]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1440, ColorScheme.Light)]
    public async Task Axe_finds_nothing_serious_in_any_view(int width, ColorScheme scheme)
    {
        await using var visit = await shown.Visit(width, scheme, bypassPolicy: true);
        await visit.Choose(ShownFederation.Demo);
        var problems = new List<string>();

        foreach (var (view, whole) in Views)
        {
            await visit.Show(view, whole);
            var found = await visit.Page.RunAxe(OnlyViolations);
            Assert.NotEmpty(found.Passes);
            problems.AddRange(found.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{view}: {v.Id}: {v.Help}: {string.Join("; ", v.Nodes.Select(n => n.Html))}"));
        }

        Assert.Empty(problems);
    }

    [Fact]
    public async Task The_keyboard_alone_leads_through_the_page()
    {
        await using var visit = await shown.Visit();
        await visit.Reads(".headline", "Completed");
        var keys = visit.Page.Keyboard;

        await keys.PressAsync("Tab");
        string first = await Focused(visit);
        await keys.PressAsync("Enter");
        string skipped = await Focused(visit);
        await visit.Page.Locator("nav a[href='#journal']").FocusAsync();
        await keys.PressAsync("Enter");
        await visit.Page.Locator("#view tbody tr").First.WaitForAsync();
        string arrived = await Focused(visit);
        string title = await visit.Page.TitleAsync();
        await keys.PressAsync("Tab");
        await keys.TypeAsync("nothing of the kind");

        await visit.Reads("#view [role=status]", "0 of");
        Assert.Equal(("Skip to the view", "main", "main", "Journal – FedKim"), (first, skipped, arrived, title));
    }

    private static Task<string> Focused(Visit visit) => visit.Page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.textContent");
}
