using FedKim.Cluster.Tests;
using FedKim.Testing;
using Microsoft.Playwright;

namespace FedKim.Page.Tests;

/// <summary>
/// The demonstration, finished, and a rehearsal after it, at nodes that stay up; and a browser. One for all tests, which look one after another: where
/// there is no browser they are skipped.
/// </summary>
public sealed class ShownFederation : IAsyncLifetime
{
    /// <summary>The federation that has learned.</summary>
    public const string Demo = "demo";

    private const string Chromium = "/usr/bin/chromium";

    private readonly TemporaryFolder _folder = new();
    private RunningFederation? _federation;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where each view's pictures are put, for people.</summary>
    public static string Pictures { get; } = Path.Combine(Repository.Root, "artifacts", "page");

    /// <summary>The page's address.</summary>
    public string Address => $"http://{Federation.Node}/page/";

    internal RunningFederation Federation
    {
        get
        {
            Assert.SkipWhen(_federation is null, $"There is no {Chromium}: install Debian's chromium and fonts-dejavu-core.");
            return _federation;
        }
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
            return;
        _federation = RunningFederation.StartAndStay("--rounds", "2", "--seed", "3");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
        await Completed(Demo);
        await Submit("second", rounds: 1, milliseconds: 0);
        await Completed("second");
    }

    /// <summary>Submits a rehearsal.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rounds">Its rounds.</param>
    /// <param name="milliseconds">How long each site trains, and the injector injects.</param>
    public Task Submit(string name, int rounds, int milliseconds) => FedKimProgram.RunAsync(Federation.Limit, "federation", "submit", _folder.Write($"{name}.conf", $"""
        include "{RunningFederation.File("rehearsal.conf")}"
        federation.name = {name}
        federation.rounds = {rounds}
        federation.rehearsal.mebibytes = 1
        federation.rehearsal.milliseconds = {milliseconds}
        """), "--node", Federation.Node);

    /// <summary>Opens the page.</summary>
    /// <param name="width">The screen's width, in pixels.</param>
    /// <param name="scheme">Light or dark.</param>
    /// <param name="bypassPolicy">Whether scripts from elsewhere may be injected, as axe is.</param>
    internal Task<Visit> Visit(int width = 1440, ColorScheme scheme = ColorScheme.Light, bool bypassPolicy = false) =>
        Tests.Visit.To(_browser!, Address, width, scheme, bypassPolicy);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_federation is not null)
            await _federation.DisposeAsync();
        _folder.Dispose();
    }

    private Task Completed(string name) => Federation.Await("federation", "list", row => row["federation"].ToString() == name && row["phase"].ToString() == "Completed");

    /// <summary>Those who share it.</summary>
    [CollectionDefinition(nameof(ShownFederation))]
    public sealed class Shared : ICollectionFixture<ShownFederation>;
}
