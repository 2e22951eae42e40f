using FedKim.Data;
using FedKim.Parameters;
using FedKim.Rounds;
using TorchSharp;

namespace FedKim.Learning.Tests;

public sealed class LocalTrainingTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly ClientId Site = DemoFederation.Clients[0];

    private static readonly LearningPlan Varied = DemoFederation.Plan with { Local = DemoFederation.Plan.Local with { LeastBatch = 6, Augmentation = 1 } };

    [Theory]
    [InlineData("fedavg", 4)]
    [InlineData("fedprox", 4)]
    [InlineData("fedavg", 1)]
    [InlineData("fedavg", 4, true)]
    public void Training_cut_short_and_resumed_by_another_process_ends_with_the_same_bytes(string strategy, int cutAfter, bool varied = false)
    {
        var plan = varied ? Varied : DemoFederation.Plan;
        var undisturbed = Train(demo.Request(Site, strategy, plan));

        var request = demo.Request(Site, strategy, plan);
        using (var cut = new CancellationTokenSource())
        using (var training = new LocalTraining(demo.FolderOf(Site)) { Clock = new StandingClock() })
        {
            Assert.Throws<OperationCanceledException>(() => training.Train(request, progress =>
            {
                if (progress.Done == cutAfter)
                    cut.Cancel();
            }, cut.Token));
        }

        List<long> steps = [];
        using var again = new LocalTraining(demo.FolderOf(Site));
        var resumed = again.Train(request, progress => steps.Add(progress.Done), CancellationToken.None);

        // Where time stands still checkpoints cost nothing, and so one follows every step from the first on that may have one.
        Assert.Equal(cutAfter < DemoFederation.Plan.Local.CheckpointEvery ? 1 : cutAfter + 1, steps[0]);
        Assert.Equal(Digests.OfFile(undisturbed.Weights.Path), Digests.OfFile(resumed.Weights.Path));
        Assert.Equal(undisturbed.Samples, resumed.Samples);
        Assert.Equal(undisturbed.Losses, resumed.Losses);
    }

    [Fact]
    public void A_site_reads_no_groups_and_hands_on_nothing_of_them()
    {
        string folder = Copy(demo.FolderOf(Site));
        // What no group may be called is no fault of a site that does not look.
        string list = Path.Combine(folder, "xray", "labels.csv");
        File.WriteAllText(list, File.ReadAllText(list).Replace(",F,", ",sec\u0007ret,", StringComparison.Ordinal));
        var plan = DemoFederation.Plan;
        var grouped = plan with { Tasks = [.. plan.Tasks.Select(task => task.Modalities.Contains("image") ? task with { Source = task.Source with { GroupColumn = "sex" } } : task)] };
        List<string> warned = [];
        using var training = new LocalTraining(folder) { Key = [1, 2, 3], Warn = warned.Add };

        var without = training.Train(demo.Request(Site, plan: plan), _ => { }, CancellationToken.None);
        var with = training.Train(demo.Request(Site, plan: grouped), _ => { }, CancellationToken.None);

        Assert.Empty(warned);
        Assert.Equal((without.Weights.Digest, without.Data), (with.Weights.Digest, with.Data));
    }

    [Fact]
    public void What_a_site_trains_on_is_fingerprinted_under_its_key_and_a_folder_replaced_while_it_runs_is_read_again()
    {
        string folder = demo.Folder();
        Copy(DemoFederation.Clients[0]);
        using var training = new LocalTraining(folder) { Key = [1, 2, 3] };
        var first = Train(training);
        var again = Train(training);
        using var otherKey = new LocalTraining(folder) { Key = [3, 2, 1] };
        var elsewhere = Train(otherKey);

        Directory.Delete(folder, recursive: true);
        Copy(DemoFederation.Clients[1]);
        var replaced = Train(training);
        using var fresh = new LocalTraining(folder) { Key = [1, 2, 3] };
        var restarted = Train(fresh);

        Assert.Equal(16, first.Data.Length);
        Assert.Equal(first.Data, again.Data);
        Assert.NotEqual(first.Data, elsewhere.Data);
        Assert.Equal(first.Weights.Digest, elsewhere.Weights.Digest);
        Assert.NotEqual(first.Data, replaced.Data);
        Assert.Equal((restarted.Data, restarted.Weights.Digest), (replaced.Data, replaced.Weights.Digest));

        LocalUpdate Train(LocalTraining training) => training.Train(demo.Request(Site), _ => { }, CancellationToken.None);

        void Copy(ClientId from)
        {
            foreach (string file in Directory.EnumerateFiles(demo.FolderOf(from), "*", SearchOption.AllDirectories))
            {
                string to = Path.Combine(folder, Path.GetRelativePath(demo.FolderOf(from), file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
        }
    }

    [Fact]
    public void A_step_that_breaks_once_is_made_again_from_the_last_checkpoint_and_the_bytes_are_the_same()
    {
        var undisturbed = Train(demo.Request(Site));
        bool broken = false;
        List<string> warnings = [];
        using var training = new LocalTraining(demo.FolderOf(Site))
        {
            Clock = new StandingClock(),
            Warn = warnings.Add,
            BeforeStep = step =>
            {
                if (step != 5 || broken)
                    return;
                broken = true;
                throw new OutOfMemoryException("out of memory");
            },
        };

        var update = training.Train(demo.Request(Site), _ => { }, CancellationToken.None);

        Assert.Contains($"{Site}: step 5 broke: out of memory. Lower the batch size", Assert.Single(warnings));
        Assert.Equal(undisturbed.Weights.Digest, update.Weights.Digest);
        Assert.Equal(undisturbed.Losses, update.Losses);
    }

    [Fact]
    public void A_damaged_update_in_the_outbox_is_trained_again_and_ends_with_the_same_bytes()
    {
        var request = demo.Request(Site);
        var first = Train(request);
        byte[] bytes = File.ReadAllBytes(first.Weights.Path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(first.Weights.Path, bytes);

        var again = Train(request);

        Assert.Equal(first.Weights.Digest, again.Weights.Digest);
        Assert.Equal(first.Weights.Digest, Digests.OfFile(again.Weights.Path));
    }

    [Fact]
    public void A_checkpoint_or_an_outbox_that_the_disk_damaged_anywhere_is_told_and_ends_with_the_same_bytes()
    {
        var undisturbed = Train(demo.Request(Site));
        foreach (string name in (string[])["checkpoint-*", "update.safetensors", "finished.json"])
        {
            foreach (double at in (double[])[0, 0.01, 0.5, 0.999])
            {
                var request = demo.Request(Site);
                List<string> warnings = [];
                using (var training = new LocalTraining(demo.FolderOf(Site)) { Clock = new StandingClock() })
                    training.Train(request, _ => { }, CancellationToken.None);
                if (name.StartsWith("checkpoint", StringComparison.Ordinal))
                    File.Delete(Path.Combine(request.WorkFolder, "finished.json"));
                string path = Directory.GetFiles(request.WorkFolder, name).Single();
                byte[] bytes = File.ReadAllBytes(path);
                bytes[(int)(at * bytes.Length)] ^= 1;
                File.WriteAllBytes(path, bytes);

                using var again = new LocalTraining(demo.FolderOf(Site)) { Warn = warnings.Add };
                var update = again.Train(request, _ => { }, CancellationToken.None);

                Assert.Contains("damaged on this node's disk", Assert.Single(warnings));
                Assert.Equal(undisturbed.Weights.Digest, update.Weights.Digest);
                Assert.Equal(undisturbed.Weights.Digest, Digests.OfFile(update.Weights.Path));
                Assert.Equal(undisturbed.Samples, update.Samples);
                Assert.Equal(undisturbed.Losses, update.Losses);
            }
        }
    }

    [Fact]
    public void A_finished_update_is_handed_back_without_another_step()
    {
        var request = demo.Request(Site);
        var first = Train(request);
        using var training = new LocalTraining(demo.FolderOf(Site));
        var second = training.Train(request, _ => Assert.Fail("It trained again."), CancellationToken.None);

        Assert.Equal(first.Weights, second.Weights);
        Assert.Equal(Digests.OfFile(second.Weights.Path), second.Weights.Digest);
        Assert.Equal(first.Samples, second.Samples);
        Assert.Equal(first.Losses, second.Losses);
    }

    [Fact]
    public void The_work_of_another_round_is_never_taken_for_this_ones()
    {
        var request = demo.Request(Site);
        var first = Digests.OfFile(Train(request).Weights.Path);
        var next = Train(request with { Round = request.Round with { Number = 2 } });
        Assert.NotEqual(first, Digests.OfFile(next.Weights.Path));
    }

    [Fact]
    public void Sites_strategies_and_seeds_give_different_updates()
    {
        var request = demo.Request(Site);
        string[] digests =
        [
            Digests.OfFile(Train(request).Weights.Path).Hex,
            Digests.OfFile(Train(demo.Request(Site, "fedprox")).Weights.Path).Hex,
            Digests.OfFile(Train(demo.Request(Site) with { Seed = 8 }).Weights.Path).Hex,
            Digests.OfFile(Train(demo.Request(DemoFederation.Clients[1])).Weights.Path).Hex,
        ];
        Assert.Equal(4, digests.Distinct().Count());
    }

    [Fact]
    public void An_update_holds_just_what_the_sites_samples_vote_on()
    {
        foreach (var client in new[] { Site, DemoFederation.Clients[^1] })
        {
            var request = demo.Request(client);
            var update = Train(request);
            Assert.Equal(client == Site, update.Samples.ByTask.ContainsKey("ecg-abnormal"));
            Assert.Null(UpdateCheck.Refusal(request.GlobalModel, () => SafetensorsReader.Open(update.Weights), update.Samples, DemoFederation.Plan.Parts()));
            using var file = SafetensorsFile.Open(update.Weights.Path);
            Assert.Equal(client == Site, file.Tensors.Keys.Any(n => n.StartsWith("encoder.signal", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Every_task_gets_better_with_training()
    {
        var plan = DemoFederation.Plan with { Local = DemoFederation.Plan.Local with { Epochs = 1 } };
        var early = Train(demo.Request(Site, plan: plan)).Losses;
        var late = Train(demo.Request(Site, plan: plan with { Local = plan.Local with { Epochs = 8 } })).Losses;
        Assert.All(late, loss => Assert.True(loss.Value < early[loss.Key], $"{loss.Key}: {loss.Value} after {early[loss.Key]}"));
    }

    [Fact]
    public void A_broken_picture_is_told_by_site_task_and_file()
    {
        string folder = Copy(demo.FolderOf(Site));
        string picture = Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        File.WriteAllBytes(picture, File.ReadAllBytes(picture)[..40]);

        using var training = new LocalTraining(folder);
        var error = Assert.Throws<LearningException>(() => training.Train(demo.Request(Site), _ => { }, CancellationToken.None));

        Assert.Contains(Site.Value, error.Message);
        Assert.Contains("pneumonia", error.Message);
        Assert.Contains(Path.GetFileName(picture), error.Message);
    }

    [Fact]
    public void A_deal_that_cannot_be_used_is_told_with_its_path_to_the_site_alone()
    {
        string folder = demo.Folder();
        File.WriteAllText(Path.Combine(folder, "dealt.json"), "{");

        using var training = new LocalTraining(folder);
        var error = Assert.Throws<LearningException>(() => training.Train(demo.Request(Site), _ => { }, CancellationToken.None));

        Assert.Contains(Path.Combine(folder, "dealt.json"), error.Message);
        Assert.Equal(SiteSentences.Data.Say(DemoFederation.Plan.Training.First().Name), error.Reason);
    }

    [Fact]
    public void A_picture_that_is_left_out_is_told_and_the_others_are_trained_on()
    {
        string folder = Copy(demo.FolderOf(Site));
        string picture = Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        File.WriteAllBytes(picture, File.ReadAllBytes(picture)[..40]);
        var plan = DemoFederation.Plan with { Tasks = [.. DemoFederation.Plan.Tasks.Select(t => t with { Source = t.Source with { OnBadSample = BadSample.Skip } })] };
        List<string> warnings = [];
        using var training = new LocalTraining(folder) { Warn = warnings.Add };

        var samples = training.Train(demo.Request(Site, plan: plan), _ => { }, CancellationToken.None).Samples;

        Assert.All(warnings, warning => Assert.Contains("1 left out; the first in " + picture, warning));
        Assert.NotEmpty(warnings);
        Assert.Equal(warnings.Count, Train(demo.Request(Site)).Samples.Total - samples.Total);
    }

    [Fact]
    public void A_site_without_any_of_the_data_says_which_are_missing()
    {
        using var training = new LocalTraining(demo.Folder());
        var error = Assert.Throws<LearningException>(() => training.Train(demo.Request(Site), _ => { }, CancellationToken.None));
        Assert.Contains("pneumonia, lung-opacity, ecg-abnormal, mortality", error.Message);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_training_with_the_tasks_name()
    {
        var plan = DemoFederation.Plan with { Local = DemoFederation.Plan.Local with { LearningRate = 1e30 } };
        var error = Assert.Throws<LearningException>(() => Train(demo.Request(Site, plan: plan)));
        Assert.Contains(Site.Value, error.Message);
        Assert.Contains("learning-rate", error.Message);
    }

    [Fact]
    public void Training_leaves_no_tensor_behind_and_holds_as_many_after_every_step()
    {
        // The first training of a process leaves one tensor that the library makes once and keeps.
        Train(demo.Request(Site, plan: Varied));
        List<long> live = [];
        long before = Live();
        using (var training = new LocalTraining(demo.FolderOf(Site)))
        {
            training.Train(demo.Request(Site, plan: Varied), _ => live.Add(Live()), CancellationToken.None);
        }

        Assert.Single(live[1..].Distinct());
        Assert.Equal(before, Live());
    }

    private static long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private string Copy(string folder)
    {
        string copy = demo.Folder();
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    private LocalUpdate Train(TrainingRequest request)
    {
        using var training = new LocalTraining(demo.FolderOf(request.Client));
        return training.Train(request, _ => { }, CancellationToken.None);
    }
}
