using System.Collections.Immutable;
using FedKim.Data.Demo;
using FedKim.Launch;
using FedKim.Rounds;

namespace FedKim.Chaos.Scenarios;

/// <summary>
/// Federations that are struck at random, several nodes at a time. Each is a scenario like any other, so that one that went wrong can be
/// struck again the same way; the same seed gives the same ones.
/// </summary>
/// <param name="seed">Decides everything.</param>
/// <param name="postgres">Whether a database server can be had.</param>
internal sealed class RandomStrikes(long seed, bool postgres)
{
    /// <summary>Federations on one cluster before another is built.</summary>
    private const int PerCluster = 6;

    // Long enough for who is killed and started again, and shorter than a long freeze.
    private static readonly TimeSpan TightDeadline = TimeSpan.FromSeconds(15);

    /// <summary>The scenario of this number, from 0 on.</summary>
    public Scenario Of(int number)
    {
        var random = SeededGenerator.Derive(seed, "chaos", "random", number);
        bool tight = random.NextDouble() < 0.25;
        var setting = Cluster(number / PerCluster) with { Rounds = 3, Deadline = tight ? TightDeadline : null };
        var strikes = new Strikes(random, setting, tight);
        int bursts = 3 + Whole(random, 4);
        for (int burst = 0; burst < bursts; burst++)
            strikes.Burst();
        return new Scenario($"struck at random ({number + 1})", setting, strikes.Steps);
    }

    private Setting Cluster(int cluster)
    {
        var random = SeededGenerator.Derive(seed, "chaos", "random cluster", cluster / 3);
        int first = Whole(random, 3);
        return new Setting { Servers = 1 + ((first + cluster) % 3), Journal = postgres && cluster % 2 == 1 ? Setting.Postgres : Setting.Sqlite };
    }

    private static int Whole(SeededGenerator random, int below) => (int)(random.NextDouble() * below);

    private sealed class Strikes(SeededGenerator random, Setting setting, bool tight)
    {
        private readonly ImmutableArray<string> _servers = [.. Enumerable.Range(1, setting.Servers).Select(SiteNames.NumberedServer)];
        private readonly ImmutableArray<string> _hospitals = [.. Enumerable.Range(0, setting.Hospitals).Select(DemoSites.Name)];
        private readonly ImmutableArray<IStep>.Builder _steps = ImmutableArray.CreateBuilder<IStep>();

        // When each frozen node goes on, counted by what is waited for: in truth it is never later.
        private readonly Dictionary<string, TimeSpan> _frozen = new(StringComparer.Ordinal);
        private TimeSpan _time;
        private bool _longFreeze;

        public ImmutableArray<IStep> Steps => [.. _steps, new Steps.ValidateHashes()];

        public void Burst()
        {
            Wait(200 + Whole(random, 1800));
            var struck = Some().Where(n => !_frozen.TryGetValue(n, out var until) || until < _time).ToList();
            var (killed, stopped) = (new List<string>(), new List<string>());
            foreach (string node in struck)
            {
                double kind = random.NextDouble();
                // Whoever is missing at a tight deadline is left out, rightly: a site is only held up for a moment.
                bool site = tight && _hospitals.Contains(node);
                if (site || kind < 0.35)
                    Freeze(node, site ? Milliseconds(1000) : FreezeTime(node));
                else
                    (kind < 0.8 ? killed : stopped).Add(node);
            }

            if (killed.Count > 0)
                _steps.Add(new Steps.Kill(string.Join(" and ", killed)));
            if (stopped.Count > 0)
                _steps.Add(new Steps.Terminate(string.Join(" and ", stopped)));
            if (killed.Count + stopped.Count == 0)
                return;
            Wait(Whole(random, 2500));
            _steps.Add(new Steps.Start([.. Shuffled([.. killed, .. stopped])]));
        }

        // One node to three, all servers, or all that there is.
        private IEnumerable<string> Some()
        {
            string[] all = [.. _servers, SiteNames.Injector, .. _hospitals];
            return random.NextDouble() switch
            {
                < 0.15 => _servers,
                < 0.22 => tight ? [.. _servers, SiteNames.Injector] : all,
                _ => Shuffled(all).Take(1 + Whole(random, 3)),
            };
        }

        private TimeSpan FreezeTime(string node)
        {
            // Longer than the deadline: it stands still while nobody could be heard, and where only the injector is awaited.
            if (tight && !_longFreeze && !_hospitals.Contains(node))
            {
                _longFreeze = true;
                return TightDeadline + TimeSpan.FromSeconds(3 + Whole(random, 5));
            }

            return random.NextDouble() < 0.15 ? TimeSpan.FromSeconds(8 + Whole(random, 8)) : Milliseconds(6000);
        }

        private TimeSpan Milliseconds(int below) => TimeSpan.FromMilliseconds(100 + Whole(random, below - 100));

        private void Freeze(string node, TimeSpan time)
        {
            _frozen[node] = _time + time;
            _steps.Add(new Steps.Meanwhile(new Steps.Freeze(node, time)));
        }

        private void Wait(int milliseconds)
        {
            var time = TimeSpan.FromMilliseconds(milliseconds);
            _time += time;
            _steps.Add(new Steps.Wait(time));
        }

        private List<string> Shuffled(IEnumerable<string> nodes) => [.. nodes.Select(n => (Node: n, Turn: random.NextDouble())).OrderBy(n => n.Turn).Select(n => n.Node)];
    }
}
