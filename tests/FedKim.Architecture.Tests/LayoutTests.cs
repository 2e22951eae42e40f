using System.Xml.Linq;

namespace FedKim.Architecture.Tests;

/// <summary>Where things are.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Project.Root, "FedKim.sln")).Replace('\\', '/');
        Problems.None(Project.Under("src", "samples", "tests", "tools").Select(p => Project.Relative(p.Path))
            .Where(p => !solution.Contains($"\"{p}\"")).Select(p => $"{p} is not in FedKim.sln; add it with dotnet sln add."));
    }

    [Fact]
    public void Package_versions_stand_in_one_place() => Problems.None(
        from project in Project.Under("src", "samples", "tests", "tools")
        from reference in XDocument.Load(project.Path).Descendants().Where(e => e.Name.LocalName is "PackageReference")
        where reference.Attributes().Any(a => a.Name.LocalName is "Version" or "VersionOverride") || reference.Elements().Any(e => e.Name.LocalName is "Version")
        select $"{project.Name} gives {(string?)reference.Attribute("Include")} its own version; versions stand in Directory.Packages.props.");

    // What the executable does is tested from outside, by tests/FedKim.Cluster.Tests.
    [Fact]
    public void Every_project_has_a_twin_among_the_tests()
    {
        string[] tests = [.. Project.Under("tests").Select(p => p.Name)];
        Assert.Contains("FedKim.Cluster.Tests", tests);
        Assert.Empty(Project.Under("src").Select(p => $"{p.Name}.Tests").Where(n => n is not "FedKim.Node.Tests").Except(tests));
    }

    [Fact]
    public void Nothing_refers_to_a_tool_or_a_test() => Problems.None(
        from project in Project.Under("src", "samples", "tools")
        from reference in project.Projects
        where reference.EndsWith(".Tests", StringComparison.Ordinal) || Project.Under("tools").Any(t => t.Name == reference)
        select $"{project.Name} references {reference}.");
}
