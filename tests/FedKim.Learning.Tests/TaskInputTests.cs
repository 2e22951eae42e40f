using FedKim.Data;
using static TorchSharp.torch;

namespace FedKim.Learning.Tests;

public sealed class TaskInputTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly LearningPlan Own = DemoFederation.Plan;

    private static readonly LearningPlan Published =
        Own with { Encoders = Own.Encoders.SetItem("image", Own.Encoders["image"] with { Checkpoint = "deit.safetensors" }) };

    [Fact]
    public void An_encoder_that_starts_from_published_weights_sees_pictures_as_those_were_trained_with()
    {
        using var scope = NewDisposeScope();
        var (own, published) = (Picture(Own), Picture(Published));

        Assert.Equal([1L, 1L], own.shape[..2]);
        Assert.Equal([1L, 3L], published.shape[..2]);
        var pixels = (own * 0.25f) + 0.5f;
        var (means, deviations) = (tensor(Normalisation.OfImageNet.Means.ToArray()).view(1, 3, 1, 1), tensor(Normalisation.OfImageNet.Deviations.ToArray()).view(1, 3, 1, 1));
        Assert.True(allclose(published, (pixels - means) / deviations, rtol: 1e-5, atol: 1e-5));
    }

    [Fact]
    public void The_same_task_of_two_plans_is_kept_apart_where_they_show_it_otherwise()
    {
        var task = Own.Tasks.Single(t => t.Name == "pneumonia");
        Assert.NotEqual(Own.InputOf(task).Key, Published.InputOf(task).Key);
        var signal = Own.Tasks.Single(t => t.Name == "ecg-abnormal");
        Assert.Equal(Own.InputOf(signal).Key, Published.InputOf(signal).Key);
    }

    [Fact]
    public void What_the_plan_says_of_normalisation_counts()
    {
        var task = Own.Tasks.Single(t => t.Name == "pneumonia");
        Assert.Equal(["image"], With(null, EncoderPlan.ImageNet).AsImageNet);
        Assert.Empty(With("deit.safetensors", EncoderPlan.Own).AsImageNet);
        Assert.DoesNotContain("ormalisation", Published.ToJson(), StringComparison.Ordinal);

        TaskInput With(string? checkpoint, string normalisation) => (Own with
        {
            Encoders = Own.Encoders.SetItem("image", Own.Encoders["image"] with { Checkpoint = checkpoint, Normalisation = normalisation }),
        }).InputOf(task);
    }

    private Tensor Picture(LearningPlan plan)
    {
        using var data = TaskData.Read(plan.InputOf(plan.Tasks.Single(t => t.Name == "pneumonia")), demo.FolderOf(DemoFederation.Clients[0]), "hospital-a", _ => { })!;
        return data.Batch([0])["image"].Values;
    }
}
