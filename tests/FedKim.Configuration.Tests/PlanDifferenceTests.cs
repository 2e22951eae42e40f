using System.Collections.Immutable;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Configuration.Tests;

public sealed class PlanDifferenceTests
{
    [Theory]
    [InlineData("federation.rounds", "4", "rounds was 3 and is 4")]
    [InlineData("federation.strategy", "fedprox", "strategy was fedavg and is fedprox")]
    [InlineData("federation.clients", "[hospital-a, hospital-b, hospital-c]", "clients was hospital-a, hospital-b, hospital-c, hospital-d, hospital-e and is hospital-a, hospital-b, hospital-c")]
    [InlineData("federation.update-checks.max-norm", "5", "max-norm was Infinity and is 5")]
    [InlineData("federation.injection.steps", "61", "learning.injection.steps was 60 and is 61")]
    [InlineData("federation.tasks.mortality.prompt", "\"Well?\"", "learning.tasks.4.prompt was Based on these clinical features, will mortality occur in this patient? and is Well?")]
    public void The_first_setting_that_differs_is_named_with_both_values(string key, string value, string difference) =>
        Assert.Contains(difference, PlanDifference.First(Plan(), Plan(new Override(key, value, "test"))));

    [Fact]
    public void The_constants_of_a_server_s_strategy_are_named_too()
    {
        var adam = new Override("federation.strategy", "fedadam", "test");
        Assert.Equal(
            "server-optimizer.tau was 0.001 and is 0.002",
            PlanDifference.First(Plan(adam), Plan(adam, new Override("federation.server-optimizer.tau", "0.002", "test"))));
    }

    [Fact]
    public void Plans_that_say_the_same_do_not_differ() => Assert.Null(PlanDifference.First(Plan(), Plan()));

    private static FederationPlan Plan(params ImmutableArray<Override> settings) =>
        FederationFile.Parse(Path.Combine(Repository.Root, "cluster/federations/demo.conf"), settings).Plan;
}
