using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data.Demo;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Configuration;

/// <summary>Reads federation files.</summary>
public static class FederationFile
{
    /// <summary>The method of a federation that learns nothing.</summary>
    public const string Rehearsal = "rehearsal";

    /// <summary>What stands for nothing where a text is wanted.</summary>
    internal const string None = "none";

    /// <summary>What to do about a name that nobody here knows.</summary>
    internal const string OfAPackage = " If a package of your own adds it, name its file with --extension, or in fedkim.extensions of the node's file.";

    // Below one, or a moment would never hear of a round.
    private const double MostBeta = 0.999999;

    private static readonly string[] Methods = [.. Method.All.Select(m => m.Name), Rehearsal];

    /// <summary>Reads and checks a federation file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">What the command line sets in its place.</param>
    /// <exception cref="InvalidConfigurationException">Something in it cannot be used.</exception>
    public static (FederationPlan Plan, string Text) Parse(string path, params ImmutableArray<Override> overrides)
    {
        var file = HoconFile.Read(path, overrides: overrides);
        return (Parse(file), file.Text);
    }

    /// <summary>Checks the text of a federation file from elsewhere.</summary>
    /// <exception cref="InvalidConfigurationException">Something in it cannot be used.</exception>
    public static FederationPlan ParseText(string text) => Parse(HoconFile.Of("submitted file", text));

    /// <summary>
    /// The sites that a federation file names, whether or not its method trains at them: those that data is dealt to. Where it names none, as many
    /// of the demonstration's as must be here before its first round.
    /// </summary>
    /// <param name="path">A file that was read before.</param>
    /// <param name="overrides">What the command line sets in its place.</param>
    public static ImmutableArray<string> Sites(string path, params ImmutableArray<Override> overrides)
    {
        var federation = HoconFile.Read(path, overrides: overrides).Section("federation");
        return Participation.IsForAnyone(federation) ? Demonstration(federation.Number("least", 1, int.MaxValue)) : federation.Texts("clients");
    }

    /// <summary>The sites of a plan on one machine: those it names, or as many of the demonstration's as must be here before its first round.</summary>
    public static ImmutableArray<string> Sites(FederationPlan plan) =>
        plan.Anyone is { } anyone ? Demonstration(anyone.Least) : [.. plan.Clients.Select(client => client.Value)];

    private static ImmutableArray<string> Demonstration(int count) => [.. Enumerable.Range(0, count).Select(DemoSites.Name)];

    private static FederationPlan Parse(HoconFile file)
    {
        var federation = file.Section("federation");
        string method = federation.Choice("method", Methods, new InjectionPlan().Method);
        var (parts, learning) = method == Rehearsal ? Rehearse(federation.Child(Rehearsal)) : Learn(federation, method);
        var sites = Participation.Read(federation);
        bool publicOnly = Method.All.Any(m => m.Name == method && m.PublicOnly);
        if (publicOnly && sites.Anyone is not null)
            federation.Problem("clients", $"is any, but {method} trains at no site. Name the sites that its data is dealt to.");
        string strategy = federation.Choice("strategy", Aggregation.Strategies.Names, remedy: OfAPackage);

        var plan = new FederationPlan
        {
            Id = new FederationId(Name(federation)),
            Seed = federation.Number<long>("seed", least: 0, most: long.MaxValue),
            Rounds = federation.Number("rounds", least: 1, most: 10_000),
            Clients = publicOnly ? [new ClientId(Method.PublicSite)] : sites.Clients,
            Anyone = publicOnly ? null : sites.Anyone,
            Selection = publicOnly ? Selection.All : sites.Selection,
            SkipAfter = sites.SkipAfter,
            Quorum = publicOnly ? 1 : sites.Quorum,
            QuorumShare = publicOnly ? 0 : sites.QuorumShare,
            Deadline = federation.Duration("deadline"),
            Limits = Limits(federation.Child("limits")),
            Strategy = strategy,
            ServerOptimizer = Optimizer(federation, strategy),
            Weighting = federation.Choice("weighting", Aggregation.Weightings, "samples"),
            Method = method,
            Parts = parts,
            Learning = learning,
            MaxNorm = MaxNorm(federation.Child("update-checks")),
            Retries = federation.Number("retries", 0, 1000, 0),
            StartFrom = StartFrom(federation),
            Injector = Injector(federation),
        };
        if (plan.Bytes > FederationPlan.MostBytes)
            federation.Problem("name", $"belongs to a plan of {plan.Bytes:N0} bytes, and sites can be told {FederationPlan.MostBytes:N0}. Give it fewer tasks or sites, or shorter texts.");
        file.Complete();
        return plan;
    }

    private static (ImmutableSortedDictionary<string, ImmutableArray<string>> Parts, string Plan) Rehearse(Section section)
    {
        bool small = section.Has("kibibytes");
        var plan = new RehearsalPlan(
            small ? section.Number("mebibytes", 0, 1024 * 1024, 0) : section.Number("mebibytes", 1, 1024 * 1024), section.Number("milliseconds", 0, 3_600_000, 0),
            section.Number("stagger", 0, 3_600_000, 0), small ? section.Number("kibibytes", 1, 1024 * 1024) : 0);
        return (RehearsalPlan.Parts, plan.ToJson());
    }

    private static (ImmutableSortedDictionary<string, ImmutableArray<string>> Parts, string Plan) Learn(Section federation, string method)
    {
        var plan = LearningSection.Read(federation, method);
        return (plan.Parts(), plan.ToJson());
    }

    private static string Name(Section federation)
    {
        string name = federation.Text("name");
        if (name.Length > 0 && !Names.IsValid(name))
            federation.Problem("name", $"is \"{name}\"; {Names.Rule}.");
        return name;
    }

    private static string StartFrom(Section federation)
    {
        string name = federation.Text("start-from", None);
        if (name == None)
            return "";
        if (!Names.IsValid(name) && !Path.IsPathFullyQualified(name))
            federation.Problem("start-from", $"is \"{name}\"; it must be the name of an earlier federation of the cluster, the whole path of an exported model's folder at the injector, or {None}.");
        return name;
    }

    private static string Injector(Section federation)
    {
        string site = federation.Text("injector", None);
        if (site == None)
            return "";
        if (!Names.IsValid(site))
            federation.Problem("injector", $"is \"{site}\"; it must be the site of an injector's node, or {None} where the cluster has one injector.");
        return site;
    }

    /// <summary>How long waits for the federation's own nodes may last; each as long as it takes where the file does not say.</summary>
    private static WaitLimits Limits(Section limits)
    {
        return new WaitLimits(Limit("first-model"), Limit("aggregation"), Limit("injection"), Limit("publication"), Limit("evaluation"), Limit("opening"));

        TimeSpan? Limit(string key) => limits.Has(key) ? limits.Duration(key) : null;
    }

    /// <summary>The constants of an adaptive strategy; null for another, which has no use for them.</summary>
    private static ServerOptimizer? Optimizer(Section federation, string strategy)
    {
        const string key = "server-optimizer";
        if (Aggregation.Recommended(strategy) is not { } fallback)
        {
            // A strategy that is none was reported as that, and may have been meant to use it.
            if (federation.Has(key) && federation.Text("strategy", "") == strategy)
            {
                federation.Problem(key,
                    $"is of no use to {strategy}. Take it out, or choose {string.Join(" or ", Aggregation.Strategies.All.Where(s => s.Recommended is not null).Select(s => s.Name))}.");
            }
            return null;
        }
        var section = federation.Child(key);
        bool fades = fallback.Beta2 > 0;
        if (!fades && section.Has("beta2"))
            section.Problem("beta2", $"is of no use to {strategy}, which forgets no round. Take it out.");
        return new ServerOptimizer(
            section.Number("learning-rate", 1e-6, 1e3, fallback.LearningRate),
            section.Number("beta1", 0.0, MostBeta, fallback.Beta1),
            fades ? section.Number("beta2", 0.0, MostBeta, fallback.Beta2) : 0,
            section.Number("tau", 1e-9, 1.0, fallback.Tau));
    }

    /// <summary>A bound above zero; infinity for <c>none</c>, and where nothing is said.</summary>
    private static double MaxNorm(Section checks)
    {
        string text = checks.Text("max-norm", None);
        if (text == None)
            return double.PositiveInfinity;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double bound) && bound > 0 && double.IsFinite(bound))
            return bound;
        checks.Problem("max-norm", $"is \"{text}\"; it must be a number above zero, or {None}.");
        return double.PositiveInfinity;
    }

}
