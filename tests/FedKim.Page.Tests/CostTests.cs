using System.Globalization;

namespace FedKim.Page.Tests;

/// <summary>What it costs a server that people look at it.</summary>
[Collection(nameof(ShownFederation))]
public sealed class CostTests(ShownFederation shown)
{
    private const int Pages = 5;

    // Three times what was measured, and more: a collector takes its time.
    private const double MostMiB = 15;

    [Fact]
    public async Task Five_open_pages_cost_the_server_no_more_than_fifteen_mebibytes_and_no_client_its_place()
    {
        var visits = new List<Visit>();
        try
        {
            // What the first page needs is loaded once.
            await Open(visits);
            double before = HeldMiB();
            while (visits.Count <= Pages)
                await Open(visits);

            double more = HeldMiB() - before;

            Assert.NotEmpty(await shown.Federation.Ask("node", "status"));
            Assert.True(more <= MostMiB, $"{Pages} more pages cost {more:0.0} MiB.");
        }
        finally
        {
            foreach (var visit in visits)
                await visit.DisposeAsync();
        }
    }

    private async Task Open(List<Visit> visits)
    {
        visits.Add(await shown.Visit());
        foreach (var (view, whole) in new[] { ("sites", "tbody tr"), ("timeline", "svg.drawn"), ("federation", ".headline:has-text('Completed')") })
            await visits[^1].Show(view, whole);
    }

    // What is its own: not files that are mapped, which all processes share.
    private double HeldMiB() => double.Parse(
        File.ReadLines($"/proc/{shown.Federation.Pid("server")}/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
