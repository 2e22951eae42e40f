using System.Collections.Immutable;
using FedKim.Data;

namespace FedKim.Learning.Tests;

public sealed class LearningPlanTests
{
    [Fact]
    public void Its_parts_name_the_tasks_that_train_them()
    {
        var parts = DemoFederation.Plan.Parts();
        Assert.Equal(["lung-opacity", "pneumonia"], parts["encoder.image"]);
        Assert.Equal(["mortality"], parts["encoder.lab"]);
        Assert.Equal(["ecg-abnormal"], parts["decoder.ecg-abnormal"]);
        Assert.DoesNotContain("decoder.pleural-effusion", parts.Keys);
    }

    [Fact]
    public void Its_text_reads_back_to_the_same_text()
    {
        string text = DemoFederation.Plan.ToJson();
        Assert.Equal(text, LearningPlan.Parse(text).ToJson());
    }

    [Fact]
    public void An_unknown_key_is_refused_by_its_name() =>
        Assert.Contains("learningrate2", Assert.Throws<LearningException>(() => LearningPlan.Parse(
            DemoFederation.Plan.ToJson().Replace("\"learningRate\"", "\"learningrate2\"", StringComparison.Ordinal))).Message);

    [Fact]
    public void A_modality_without_an_encoder_is_told_by_task_and_key()
    {
        var plan = DemoFederation.Plan with { Encoders = DemoFederation.Plan.Encoders.Remove("lab") };
        Assert.Contains("federation.tasks.mortality", Assert.Throws<LearningException>(() => plan.ModelSpec()).Message);
    }

    [Fact]
    public void Two_tasks_cannot_read_one_modality_in_two_sizes()
    {
        var tasks = DemoFederation.Plan.Tasks;
        var plan = DemoFederation.Plan with { Tasks = tasks.SetItem(1, tasks[1] with { Source = tasks[1].Source with { ImageSize = 64 } }) };
        Assert.Contains("lung-opacity", Assert.Throws<LearningException>(() => plan.ModelSpec()).Message);
    }

    [Fact]
    public void A_plan_of_one_training_task_keeps_what_this_task_needs_and_what_can_be_measured_with_it()
    {
        var plan = DemoFederation.Plan.TrainingOnly(["pneumonia"]);

        Assert.Equal(["pneumonia", "pleural-effusion"], plan.Tasks.Select(t => t.Name));
        Assert.Equal(["image"], plan.Encoders.Keys);
        Assert.Equal(["decoder.pneumonia", "encoder.image"], plan.Parts().Keys);
        Assert.Equal(DemoFederation.Plan.ToJson(), DemoFederation.Plan.TrainingOnly([.. DemoFederation.Plan.Training.Select(t => t.Name)]).ToJson());
    }

    [Theory]
    [InlineData("chexpert")]
    [InlineData("covid-radiography")]
    [InlineData("medmnist")]
    [InlineData("rsna")]
    [InlineData("slake")]
    [InlineData("vqa-rad")]
    public void Every_reader_of_pictures_feeds_the_same_encoder(string reader)
    {
        var plan = DemoFederation.Plan;
        var other = plan with
        {
            Tasks = [.. plan.Tasks.Select(t => t.Source.Reader == "image-folder" ? t with { Source = t.Source with { Reader = reader } } : t)],
        };
        Assert.NotEqual(plan.ToJson(), other.ToJson());
        Assert.Equal(plan.ModelSpec().Encoders["image"], other.ModelSpec().Encoders["image"]);
    }

    [Fact]
    public void Two_tasks_read_one_modality_as_the_same_variables_whatever_their_columns()
    {
        var plan = DemoFederation.Plan;
        var mortality = plan.Tasks.Single(t => t.Name == "mortality");
        var variables = mortality.Source.Variables;
        var other = With(variables.ToImmutableSortedDictionary(m => m.Key, m => m.Value.Select(v => v with { Column = v.Column + "2" }).ToImmutableArray()));
        Assert.Equal(variables["lab"].Length, other.ModelSpec().Encoders["lab"].Channels);

        string error = Assert.Throws<LearningException>(() => With(variables.SetItem("vital", [.. variables["vital"].Reverse()])).ModelSpec()).Message;
        Assert.Contains("federation.tasks.sepsis and mortality share modality 'vital'", error);

        LearningPlan With(ImmutableSortedDictionary<string, ImmutableArray<Variable>> its) => plan with
        {
            Tasks = plan.Tasks.Add(mortality with { Name = "sepsis", Kind = TaskPlan.ZeroShotKind, Source = mortality.Source with { Reader = "physionet2012", Variables = its } }),
        };
    }
}
