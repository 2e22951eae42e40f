namespace FedKim.Architecture.Tests;

/// <summary>The floors of the house: a project knows those on its own floor and below, and not what it must not know.</summary>
public sealed class FloorTests
{
    private static readonly Dictionary<string, (int Floor, string[] MustNotKnow)> Floors = new()
    {
        ["FedKim.Rounds"] = (1, ["Akka", "Torch", "HTTP"]),
        ["FedKim.Parameters"] = (1, ["Akka", "Torch"]),
        ["FedKim.Data"] = (1, ["Akka", "Torch"]),
        ["FedKim.Audit"] = (2, ["Akka", "Torch", "HTTP"]),
        ["FedKim.Certificates"] = (2, ["Akka", "Torch", "HTTP"]),
        ["FedKim.Models"] = (2, ["Akka", "HTTP"]),
        ["FedKim.Protocol"] = (2, ["Torch"]),
        ["FedKim.Learning"] = (3, ["Akka", "HTTP"]),
        ["FedKim.Transfer"] = (3, ["Torch"]),
        ["FedKim.Actors"] = (4, []),
        ["FedKim.Commands"] = (4, ["Torch"]),
        ["FedKim.Configuration"] = (5, []),
        ["FedKim.Launch"] = (6, []),
        ["FedKim.Experiments"] = (7, []),
        ["FedKim.Node"] = (8, []),
    };

    // They use the weight plane and modules, and so cannot help but carry these; their own code does not speak them.
    private static readonly Dictionary<string, string[]> OwnCode = new()
    {
        ["FedKim.Actors"] = ["HTTP"],
        ["FedKim.Configuration"] = ["Torch", "HTTP"],
        ["FedKim.Launch"] = ["Akka", "Torch", "HTTP"],
        ["FedKim.Experiments"] = ["Akka", "Torch", "HTTP"],
    };

    // What stands for a thing: the packages and frameworks that begin so, and the namespaces of its code.
    private static readonly Dictionary<string, (string[] Packages, string[] Namespaces)> Things = new()
    {
        ["Akka"] = (["Akka", "Hyperion"], ["Akka", "Hyperion"]),
        ["Torch"] = (["TorchSharp", "libtorch"], ["TorchSharp"]),
        ["HTTP"] = (["Microsoft.AspNetCore", "Serilog.AspNetCore"], ["Microsoft.AspNetCore", "System.Net.Http"]),
    };

    private static readonly Dictionary<string, Project> Projects = Project.Under("src").ToDictionary(p => p.Name);

    [Fact]
    public void Every_project_has_a_floor() => Assert.Equal(Floors.Keys.Order(StringComparer.Ordinal), Projects.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void No_reference_points_up_a_floor_or_out_of_the_house() => Problems.None(
        from project in Projects.Values
        from reference in project.Projects
        let floor = Floors[project.Name].Floor
        let other = Floors.TryGetValue(reference, out var known) ? known.Floor : int.MaxValue
        where other > floor
        select $"{project.Name} (floor {floor}) references {reference}, which {(other is int.MaxValue ? "has no floor" : $"is on floor {other}")}.");

    [Fact]
    public void No_project_refers_to_what_it_must_not_know_not_even_through_another() => Problems.None(
        from project in Projects.Values
        from thing in Floors[project.Name].MustNotKnow
        from known in Reach(project)
        from package in known.Packages.Concat(known.Frameworks)
        where Things[thing].Packages.Any(p => package.StartsWith(p, StringComparison.OrdinalIgnoreCase))
        select $"{project.Name} must not know {thing}, but {(known == project ? "" : $"reaches {known.Name}, which ")}references {package}.");

    [Fact]
    public void No_source_names_what_its_project_must_not_know() => Problems.None(
        from project in Projects.Values
        from thing in OwnCode.GetValueOrDefault(project.Name, Floors[project.Name].MustNotKnow)
        from file in Project.Sources(Path.GetDirectoryName(project.Path)!)
        from line in File.ReadLines(file).Select((text, i) => (Text: text, Number: i + 1))
        where Things[thing].Namespaces.Any(n => UsingOf(line.Text) is { } used && (used == n || used.StartsWith(n + ".", StringComparison.Ordinal)))
        select $"{Project.Relative(file)}:{line.Number}: {project.Name} must not know {thing}: {line.Text.Trim()}");

    // A namespace, its parents and its children are one thing; those side by side have an order.
    [Fact]
    public void No_two_namespaces_of_a_project_use_each_other_not_even_through_others() => Problems.None(
        from project in Projects.Values
        let uses = Uses(project)
        from first in uses.Keys
        where Reachable(uses, first).Contains(first)
        select $"{first} uses {string.Join(" and ", uses[first].Where(second => second == first || Reachable(uses, second).Contains(first)).Order(StringComparer.Ordinal))}, and these use it.");

    [Fact]
    public void The_rules_of_a_round_refer_to_nothing()
    {
        var rounds = Projects["FedKim.Rounds"];
        Assert.Empty(rounds.Projects.Concat(rounds.Packages).Concat(rounds.Frameworks));
    }

    [Fact]
    public void Only_models_and_learning_refer_to_torch_themselves() => Problems.None(
        from project in Projects.Values
        where project.Name is not ("FedKim.Models" or "FedKim.Learning")
        from package in project.Packages
        where Things["Torch"].Packages.Any(p => package.StartsWith(p, StringComparison.OrdinalIgnoreCase))
        select $"{project.Name} references {package}; modules belong into FedKim.Models, their use into FedKim.Learning.");

    private static IEnumerable<Project> Reach(Project project)
    {
        HashSet<string> seen = [project.Name];
        Queue<Project> open = new([project]);
        while (open.TryDequeue(out var next))
        {
            yield return next;
            foreach (string reference in next.Projects)
            {
                if (Projects.TryGetValue(reference, out var known) && seen.Add(reference))
                    open.Enqueue(known);
            }
        }
    }

    private static Dictionary<string, HashSet<string>> Uses(Project project)
    {
        var uses = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (string file in Project.Sources(Path.GetDirectoryName(project.Path)!))
        {
            string[] lines = File.ReadAllLines(file);
            if (lines.FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal)) is not { } declared)
                continue;
            string own = declared["namespace ".Length..].TrimEnd(';');
            if (!uses.TryGetValue(own, out var known))
                uses.Add(own, known = new(StringComparer.Ordinal));
            known.UnionWith(lines.Select(UsingOf).OfType<string>().Where(used =>
                used.StartsWith(project.Name + ".", StringComparison.Ordinal) && !IsWithin(used, own) && !IsWithin(own, used)));
        }
        return uses;
    }

    private static bool IsWithin(string inner, string outer) => inner == outer || inner.StartsWith(outer + ".", StringComparison.Ordinal);

    private static HashSet<string> Reachable(Dictionary<string, HashSet<string>> uses, string from)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        Queue<string> open = new([from]);
        while (open.TryDequeue(out string? next))
        {
            foreach (string used in uses.GetValueOrDefault(next) ?? [])
            {
                if (seen.Add(used))
                    open.Enqueue(used);
            }
        }
        return seen;
    }

    private static string? UsingOf(string line)
    {
        string[] words = line.Trim().TrimEnd(';').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is ["using" or "global", ..] ? words[^1] : null;
    }
}
