using FedKim.Actors.Injector;
using FedKim.Actors.Server.Answers;
using FedKim.Learning;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What a federation that starts from an earlier one's model must have in common with it beside the tensors.</summary>
public sealed class StartModelTests : IDisposable
{
    private const string Own = """{"encoders":{"image":{"name":"deit"}}}""", Published = """{"encoders":{"image":{"name":"deit","checkpoint":"deit.safetensors"}}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_earlier_federation_whose_encoders_saw_otherwise_is_refused_when_the_plan_is_submitted()
    {
        var federation = new Federation { Plan = Plan("first", Published) };

        var refused = Assert.IsType<OperatorMessages.Refused>(Refusal(Plan("second", Own) with { StartFrom = "first" }));

        Assert.Contains("federation.encoders.image sees pictures normalised as own", refused.Reason);
        Assert.Contains("as the plan of federation first says", refused.Reason);
        Assert.Null(Refusal(Plan("second", Published) with { StartFrom = "first" }));
        Assert.Null(Refusal(Plan("second", Own)));

        IWireMessage? Refusal(FederationPlan plan) => OrderAnswer.Refusal(new FederationCommands.Submit(plan), "server", federation);
    }

    [Fact]
    public void An_exported_model_whose_plan_says_that_its_encoders_saw_otherwise_is_refused_by_its_file()
    {
        string file = Path.Combine(_folder, "plan.json");
        File.WriteAllText(file, PlanText.Of(Plan("first", Published)));

        var wrong = Assert.Throws<LearningException>(() => StartModel.CheckPlan(_folder, Own));

        Assert.Contains($"as {file} says", wrong.Message);
        StartModel.CheckPlan(_folder, Published);
        File.Delete(file);
        StartModel.CheckPlan(_folder, Own);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[1]")]
    [InlineData("""{"learning":{"encoders":[]}}""")]
    [InlineData("""{"learning":{"encoders":{"image":{"checkpoint":[]}}}}""")]
    public void A_file_that_is_no_plan_is_said_to_be_none(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "plan.json"), text);

        Assert.Contains("plan.json is no plan of FedKim's", Assert.Throws<LearningException>(() => StartModel.CheckPlan(_folder, Own)).Message);
    }

    private static FederationPlan Plan(string name, string learning) =>
        TestFederation.Plan(1, 1, "hospital-a") with { Id = new FederationId(name), Learning = learning };
}
