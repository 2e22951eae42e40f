namespace FedKim.Learning.Tests;

/// <summary>A plan that goes on from an earlier one's model shows its encoders what they learned to see.</summary>
public sealed class ContinuationTests
{
    private static readonly LearningPlan Own = DemoFederation.Plan, Published = With(image => image with { Checkpoint = "deit.safetensors" });

    [Fact]
    public void Encoders_that_see_what_they_saw_go_on()
    {
        Assert.Null(Problem(Own, Own));
        Assert.Null(Problem(Published, Published));
        Assert.Null(Problem(With(image => image with { Normalisation = EncoderPlan.ImageNet }), Published));
        Assert.Null(Problem(With(image => image with { Normalisation = EncoderPlan.Own }), Own));
    }

    [Fact]
    public void An_encoder_that_would_see_otherwise_is_named_with_both_ways_and_what_to_write() => Assert.Equal(
        "federation.encoders.image sees pictures normalised as own, and the model of start-from learned to see them as imagenet, as the plan of federation first says. Write normalisation = imagenet for it.",
        Problem(Own, Published));

    [Fact]
    public void The_other_way_round_is_refused_too() => Assert.Contains("Write normalisation = own for it.", Problem(Published, Own), StringComparison.Ordinal);

    [Fact]
    public void A_plan_that_learns_nothing_and_one_of_another_version_are_compared_as_far_as_they_tell()
    {
        Assert.Null(Continuation.Problem("{\"mebibytes\":1}", "{\"mebibytes\":1}", "it"));
        Assert.NotNull(Continuation.Problem(Own.ToJson(), """{"later":1,"encoders":{"image":{"more":2,"normalisation":"imagenet"}}}""", "it"));
    }

    private static string? Problem(LearningPlan plan, LearningPlan earlier) => Continuation.Problem(plan.ToJson(), earlier.ToJson(), "the plan of federation first");

    private static LearningPlan With(Func<EncoderPlan, EncoderPlan> change) =>
        DemoFederation.Plan with { Encoders = DemoFederation.Plan.Encoders.SetItem("image", change(DemoFederation.Plan.Encoders["image"])) };
}
