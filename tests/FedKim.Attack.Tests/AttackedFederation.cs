using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using FedKim.Attackers;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Launch.Reports;
using FedKim.Rounds;

namespace FedKim.Attack.Tests;

/// <summary>
/// One federation for all tests: its first round stays open while all attacks are tried on it, then an invited hospital lies in each round; beside it
/// runs the same federation without any of that.
/// </summary>
public sealed class AttackedFederation : IAsyncLifetime
{
    /// <summary>The invited hospital that lies, and the one that is led to doors of no server.</summary>
    public const string Liar = "hospital-d", Led = "hospital-b";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly string[] Honest = ["hospital-a", Led, "hospital-c"];

    private readonly List<RogueDoor> _doors = [];
    private SmallFederation? _federation;

    /// <summary>What came of each attack.</summary>
    public ImmutableArray<Tried> Tried { get; private set; } = [];

    /// <summary>The servers' audit log, whole.</summary>
    public IReadOnlyList<AuditEntry> Audit { get; private set; } = [];

    /// <summary>The audit log of the hospital that was led astray.</summary>
    public IReadOnlyList<AuditEntry> AuditOfLed { get; private set; } = [];

    /// <summary>Requests that came through: at the door of strangers, at a hospital's, at a server's that sends them elsewhere, and there.</summary>
    public ImmutableArray<int> AskedAtDoors { get; private set; } = [];

    /// <summary>The coordinator's epoch before and after.</summary>
    public (string Before, string After) Epochs { get; private set; }

    /// <summary>Sites whose processes ran until the end.</summary>
    public ImmutableArray<string> Survivors { get; private set; } = [];

    /// <summary>The report of the federation that was attacked, and of the one that was not.</summary>
    public (Report Attacked, Report Undisturbed) Reports { get; private set; }

    /// <summary>The files of the attacked run.</summary>
    public string Run => _federation!.Run;

    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        _federation = new SmallFederation([.. Honest, Liar], LyingHospital.Lies.Length);
        var undisturbed = UndisturbedAsync(limit.Token);
        using var target = new Target(_federation.Run, _federation.Nodes, new RoundId(_federation.Id, 1));
        await LeadAstrayAsync(target);
        _federation.Start("server", "injector", "hospital-a", Led);
        await _federation.AwaitAsync("round", "list", rows => rows.Any(row => row["phase"].ToString() == "Training" && row["accepted"].ToString() == "2"), limit.Token);
        string before = await EpochAsync(limit.Token);
        var tried = await Campaign.RunAsync(target, Campaign.All, limit.Token);
        var lying = new LyingHospital(target, Liar).LieAsync(LyingHospital.Lies, limit.Token);
        _federation.Start("hospital-c");
        Tried = [.. tried, .. await lying];
        Reports = (await _federation.EndAsync(limit.Token), await undisturbed);
        Epochs = (before, await EpochAsync(limit.Token));
        Survivors = [.. _federation.Running.Order(StringComparer.Ordinal)];
        await _federation.StopAsync();
        (Audit, AuditOfLed, AskedAtDoors) = (target.Audit(), target.Audit(Led), [.. _doors.Select(door => door.Asked)]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_federation is not null)
            await _federation.DisposeAsync();
        foreach (var door in _doors)
            await door.DisposeAsync();
    }

    private static async Task<Report> UndisturbedAsync(CancellationToken cancel)
    {
        await using var federation = new SmallFederation(Honest, LyingHospital.Lies.Length);
        federation.Start(federation.Nodes.Select(node => node.Site));
        return await federation.EndAsync(cancel);
    }

    private async Task<string> EpochAsync(CancellationToken cancel) =>
        (await _federation!.AwaitAsync("federation", "status", rows => rows.Count == 1, cancel))[0]["epoch"].ToString()!;

    // Before the true door it tries one of strangers, one of a hospital, and one of a server that sends it elsewhere.
    private async Task LeadAstrayAsync(Target target)
    {
        var elsewhere = await RogueDoor.OpenAsync(null, () => "http://127.0.0.1:1/");
        X509Certificate2[] shown =
        [
            target.Forger.OfStrangers("server", PeerRole.Server), target.Forger.Good("hospital-y", PeerRole.Hospital), target.Forger.Good("server-9", PeerRole.Server),
        ];
        foreach (var certificate in shown)
            _doors.Add(await RogueDoor.OpenAsync(certificate, () => $"http://{elsewhere.Address}/"));
        _doors.Add(elsewhere);
        string file = Path.Combine(target.RunFolder, $"{Led}.conf"), text = await File.ReadAllTextAsync(file);
        string doors = string.Join(", ", _doors.SkipLast(1).Select(door => $"\"{door.Address}\""));
        Assert.Contains("doors = [", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace("doors = [", $"doors = [{doors}, ", StringComparison.Ordinal));
    }
}
