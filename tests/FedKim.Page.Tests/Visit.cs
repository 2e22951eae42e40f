using Microsoft.Playwright;

namespace FedKim.Page.Tests;

/// <summary>A page in a browser that remembers nothing of others, and what went wrong in it.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private const int Height = 900;

    private readonly IBrowserContext _context;
    private readonly List<string> _problems = [];

    private Visit(IBrowserContext context, IPage page, string address)
    {
        (_context, Page) = (context, page);
        string origin = new Uri(address).GetLeftPart(UriPartial.Authority);
        page.Console += (_, said) => Note(said.Type == "error", $"the console says: {said.Text}");
        page.PageError += (_, error) => Note(true, $"a script broke: {error}");
        page.Request += (_, request) => Note(!request.Url.StartsWith(origin, StringComparison.Ordinal), $"it asked elsewhere: {request.Url}");
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Errors of the console and of scripts, and requests that left the host.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_problems)
                return [.. _problems];
        }
    }

    public static async Task<Visit> To(IBrowser browser, string address, int width, ColorScheme scheme, bool bypassPolicy)
    {
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = Height },
            ColorScheme = scheme,
            BypassCSP = bypassPolicy,
            ReducedMotion = ReducedMotion.Reduce,
        });
        var visit = new Visit(context, await context.NewPageAsync(), address);
        await visit.Page.GotoAsync(address);
        return visit;
    }

    /// <summary>Chooses a federation.</summary>
    public async Task Choose(string federation) => await Page.GetByLabel("Federation", new() { Exact = true }).SelectOptionAsync(federation);

    /// <summary>Goes to a view, and waits until what makes it whole is there.</summary>
    public async Task Show(string view, string whole)
    {
        await Page.Locator($"nav a[href='#{view}']").ClickAsync();
        await Page.Locator($"#view {whole}").First.WaitForAsync();
    }

    /// <summary>Waits until something says this.</summary>
    /// <param name="where">Where, as a selector.</param>
    /// <param name="text">A part of what it says.</param>
    /// <param name="seconds">How long, at most.</param>
    public Task Reads(string where, string text, double seconds = 60) =>
        Assertions.Expect(Page.Locator(where)).ToContainTextAsync(text, new() { Timeout = (float)(1000 * seconds) });

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private void Note(bool isProblem, string text)
    {
        lock (_problems)
        {
            if (isProblem)
                _problems.Add(text);
        }
    }
}
