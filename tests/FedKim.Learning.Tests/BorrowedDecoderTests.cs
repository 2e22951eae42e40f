namespace FedKim.Learning.Tests;

/// <summary>Which decoder answers a task that no small model was trained on.</summary>
public sealed class BorrowedDecoderTests
{
    [Theory]
    [InlineData(0.6, 0.7, "second")]
    [InlineData(0.7, 0.6, "first")]
    [InlineData(0.6, 0.6, "first")]
    [InlineData(null, 0.1, "second")]
    [InlineData(null, null, null)]
    public void The_best_of_them_is_chosen_and_of_equal_ones_the_first(double? first, double? second, string? chosen) =>
        Assert.Equal(chosen, BorrowedDecoder.Best(["first", "second"], name => name == "first" ? first : second));

    [Fact]
    public void Those_that_read_the_same_modalities_could_answer()
    {
        var plan = DemoFederation.Plan;
        using var small = plan.CreateModel();
        var effusion = plan.Tasks.Single(t => t.Name == "pleural-effusion");

        Assert.Equal(["pneumonia", "lung-opacity"], BorrowedDecoder.Candidates(plan, effusion, small));
        Assert.Equal(["ecg-abnormal"], BorrowedDecoder.Candidates(plan, plan.Tasks.Single(t => t.Name == "ectopic-beats"), small));
        Assert.Equal(["mortality"], BorrowedDecoder.Candidates(plan, effusion with { Modalities = ["output", "input", "lab", "vital"] }, small));
        Assert.Empty(BorrowedDecoder.Candidates(plan, effusion with { Modalities = ["image", "signal"] }, small));
        Assert.Empty(BorrowedDecoder.Candidates(plan, effusion with { Answering = TaskPlan.Generated }, small));
        Assert.Empty(BorrowedDecoder.Candidates(plan, effusion with { Prompt = $"Is it so? {TaskPlan.QuestionPlace}" }, small));
    }
}
