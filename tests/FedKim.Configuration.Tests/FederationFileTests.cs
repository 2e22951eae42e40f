using System.Text.Json;
using CsCheck;
using FedKim.Data;
using FedKim.Data.Demo;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Configuration.Tests;

public sealed class FederationFileTests : IDisposable
{
    private const string Smallest = SmallestFederation.Text;

    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<TheoryDataRow<string>> Files => Repository.Files("cluster/federations").Select(file => new TheoryDataRow<string>(file));

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Files))]
    public void A_files_text_means_the_same_elsewhere(string file)
    {
        var (plan, text) = FederationFile.Parse(Path.Combine(Repository.Root, file));
        Assert.True(plan.SaysTheSameAs(FederationFile.ParseText(text)));
    }

    [Fact]
    public void A_text_from_elsewhere_opens_no_file_here()
    {
        string file = _folder.Write("federation.conf", Smallest);
        var wrong = Assert.Throws<InvalidConfigurationException>(() => FederationFile.ParseText($"include \"{file}\""));
        Assert.Contains("includes another file", Assert.Single(wrong.Problems));
    }

    [Fact]
    public void The_papers_federation_has_its_twelve_tasks_on_its_data_sets()
    {
        var plan = LearningPlan.Parse(FederationFile.Parse(Path.Combine(Repository.Root, "cluster/federations/paper.conf")).Plan.Learning);

        Assert.Equal(["covid-radiography", "ptbxl", "rsna", "yaib"], plan.Training.Select(t => t.Source.Reader).Order());
        Assert.Equal(
            ["chexpert", "chexpert", "chexpert", "ecg-qa", "ptbxl", "slake", "vqa-rad", "yaib"],
            plan.Tasks.Where(t => t.Kind == TaskPlan.ZeroShotKind).Select(t => t.Source.Reader).Order());
        Assert.All(plan.Tasks, t => Assert.Equal(3, new[] { t.Prompt, t.TaskDescription, t.ModalityDescription }.Distinct().Count()));
        Assert.Equal(48, plan.Tasks.Single(t => t.Name == "sepsis").Source.Variables.Sum(v => v.Value.Length));
    }

    [Theory, MemberData(nameof(Files))]
    public void Every_federation_file_of_the_repository_is_valid(string file)
    {
        var plan = FederationFile.Parse(Path.Combine(Repository.Root, file)).Plan;

        Assert.All(plan.Parts, part => Assert.NotEmpty(part.Value));
        if (plan.Method == FederationFile.Rehearsal)
        {
            Assert.Equal(RehearsalPlan.Parts, plan.Parts);
            Assert.True(RehearsalPlan.Is(plan.Learning));
            return;
        }
        Assert.False(RehearsalPlan.Is(plan.Learning));
        var learning = LearningPlan.Parse(plan.Learning);
        Assert.Equal(learning.ToJson(), plan.Learning);
        Assert.Equal(learning.Encoders.Count + learning.Tasks.Count(t => t.Kind == "training"), plan.Parts.Count);
    }

    [Theory]
    [InlineData("", double.PositiveInfinity)]
    [InlineData("federation.update-checks.max-norm = none", double.PositiveInfinity)]
    [InlineData("federation.update-checks { max-norm = 12.5 }", 12.5)]
    public void Updates_are_bounded_as_the_file_says_and_not_without(string checks, double bound) =>
        Assert.Equal(bound, FederationFile.ParseText($"{Smallest}\n{checks}").MaxNorm);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("much")]
    public void A_bound_that_is_none_is_told_with_what_is_allowed(string bound)
    {
        var wrong = Assert.Throws<InvalidConfigurationException>(() => FederationFile.ParseText($"{Smallest}\nfederation.update-checks.max-norm = {bound}"));
        Assert.Contains($"federation.update-checks.max-norm is \"{bound}\"; it must be a number above zero, or none.", Assert.Single(wrong.Problems));
    }

    [Fact]
    public void A_method_without_hospitals_has_the_public_site_alone_and_knows_whom_data_is_dealt_to()
    {
        string file = _folder.Write("public.conf", $"{Smallest}\nfederation.method = fedkim-pub");
        var plan = FederationFile.Parse(file).Plan;

        Assert.Equal(new ClientId("public"), Assert.Single(plan.Clients));
        Assert.Equal(1, plan.Quorum);
        Assert.Equal(["b", "a"], FederationFile.Sites(file));
    }

    [Fact]
    public void A_single_training_task_can_be_chosen_by_its_name()
    {
        string demo = File.ReadAllText(Path.Combine(Repository.Root, "cluster/federations/demo.conf"));
        var plan = LearningPlan.Parse(FederationFile.ParseText($"{demo}\nfederation.training-tasks = [ecg-abnormal]").Learning);

        Assert.Equal(["ecg-abnormal", "ectopic-beats"], plan.Tasks.Select(t => t.Name));
        Assert.Equal(["signal"], plan.Encoders.Keys);
        // Off is what plans said before there was a choice.
        Assert.DoesNotContain("controls", plan.ToJson());
        Assert.True(LearningPlan.Parse(FederationFile.ParseText($"{demo}\nfederation.controls = on").Learning).Controls);
        var wrong = Assert.Throws<InvalidConfigurationException>(() => FederationFile.ParseText($"{demo}\nfederation.training-tasks = [ectopic-beats]"));
        Assert.Contains("federation.training-tasks contains \"ectopic-beats\"; allowed are ecg-abnormal, lung-opacity, mortality, pneumonia.", Assert.Single(wrong.Problems));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("federation.injection.public-share = 100 %", null)]
    [InlineData("federation.injection.public-share = 10 %", 0.1)]
    [InlineData("federation.injection.public-share = 0.5%", 0.005)]
    public void A_share_of_the_public_data_is_in_the_plan_where_it_is_not_all(string written, double? share)
    {
        var plan = LearningPlan.Parse(FederationFile.ParseText($"{Smallest}\n{written}").Learning);

        Assert.Equal(share, plan.Injection.PublicShare);
        Assert.Equal(share is not null, plan.ToJson().Contains("publicShare", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0 %")]
    [InlineData("0.1")]
    [InlineData("101 %")]
    public void A_share_of_the_public_data_that_is_none_is_told_with_what_is_allowed(string share)
    {
        var wrong = Assert.Throws<InvalidConfigurationException>(() => FederationFile.ParseText($"{Smallest}\nfederation.injection.public-share = {share}"));
        Assert.Contains($"federation.injection.public-share is \"{share}\"; it must be a share above 0 %, to 100 %, such as 10 %.", Assert.Single(wrong.Problems));
    }

    [Fact]
    public void A_generated_answer_is_for_tasks_that_are_not_trained()
    {
        var wrong = Assert.Throws<InvalidConfigurationException>(() => FederationFile.ParseText($"{Smallest}\nfederation.tasks.pneumonia.answering = generated"));
        Assert.Contains("zero-shot tasks only", Assert.Single(wrong.Problems));
    }

    [Fact]
    public void The_fedprox_demo_differs_from_the_demo_in_name_and_strategy_alone()
    {
        var demo = FederationFile.Parse(Path.Combine(Repository.Root, "cluster/federations/demo.conf")).Plan;
        var prox = FederationFile.Parse(Path.Combine(Repository.Root, "cluster/federations/demo-fedprox.conf")).Plan;

        Assert.Equal(("fedavg", "fedprox"), (demo.Strategy, prox.Strategy));
        Assert.Equal(demo.Learning, prox.Learning);
        Assert.Equal(demo.Clients, prox.Clients);
    }

    [Fact]
    public void The_fedadam_demo_differs_from_the_demo_in_name_strategy_and_its_constants_alone()
    {
        var demo = FederationFile.Parse(Path.Combine(Repository.Root, "cluster/federations/demo.conf")).Plan;
        var adam = FederationFile.Parse(Path.Combine(Repository.Root, "cluster/federations/demo-fedadam.conf")).Plan;

        Assert.Equal(("fedadam", true), (adam.Strategy, adam.ServerOptimizer is not null));
        Assert.True(demo.SaysTheSameAs(adam with { Id = demo.Id, Strategy = demo.Strategy, ServerOptimizer = null }));
    }

    [Theory]
    [InlineData("fedadam", "", 0.01, 0.9, 0.99, 0.001)]
    [InlineData("fedyogi", "learning-rate = 0.5, beta1 = 0, beta2 = 0.5, tau = 1e-4", 0.5, 0, 0.5, 1e-4)]
    [InlineData("fedadagrad", "", 0.01, 0, 0, 0.001)]
    [InlineData("fedadagrad", "beta1 = 0.9", 0.01, 0.9, 0, 0.001)]
    public void An_adaptive_strategy_has_the_constants_that_are_written_and_else_the_papers(
        string strategy, string written, double rate, double beta1, double beta2, double tau) =>
        Assert.Equal(new ServerOptimizer(rate, beta1, beta2, tau), Parse(With(strategy, written)).Plan.ServerOptimizer);

    [Fact]
    public void Another_strategy_has_no_constants() => Assert.Null(Parse(Smallest).Plan.ServerOptimizer);

    [Theory]
    [InlineData("fedavg", "tau = 0.1", "federation.server-optimizer is of no use to fedavg. Take it out, or choose fedadam or fedyogi or fedadagrad.")]
    [InlineData("fedadagrad", "beta2 = 0.9", "federation.server-optimizer.beta2 is of no use to fedadagrad, which forgets no round. Take it out.")]
    [InlineData("fedadam", "beta1 = 1", "federation.server-optimizer.beta1 is \"1\"; it must be a number, 0 to 0.999999.")]
    [InlineData("fedyogi", "beta2 = -0.1", "federation.server-optimizer.beta2 is \"-0.1\"; it must be a number, 0 to 0.999999.")]
    [InlineData("fedadam", "tau = 0", "federation.server-optimizer.tau is \"0\"; it must be a number, 1E-09 to 1.")]
    [InlineData("fedadam", "learning-rate = NaN", "federation.server-optimizer.learning-rate is \"NaN\"; it must be a number, 1E-06 to 1000.")]
    [InlineData("fedadam", "eta = 1", "federation.server-optimizer.eta is not a setting of FedKim.")]
    [InlineData("fedadan", "tau = 0.1", "federation.strategy is \"fedadan\"; allowed are fedavg, fedprox, fedadam, fedyogi, fedadagrad, clipped-mean. Did you mean fedadam?")]
    public void A_constant_that_is_wrong_or_of_no_use_is_the_one_problem(string strategy, string written, string message) =>
        Assert.Contains(message, Assert.Single(Problems(_folder.Write("f.conf", With(strategy, written)))));

    [Fact]
    public void Names_of_what_stays_at_the_sites_stand_in_order_and_are_parts_that_nobody_trains_for_others()
    {
        var plan = Parse($"{Smallest}\nfederation.local-tensors = [\"encoder.image.norm\", \"*.norm1\", \"*.norm1\"]").Plan;

        Assert.Equal(["*.norm1", "encoder.image.norm"], LearningPlan.Parse(plan.Learning).LocalTensors!.Value);
        Assert.Equal(["*.norm1", "decoder.pneumonia", "encoder.image", "encoder.image.norm"], plan.Parts.Keys);
        Assert.Equal(["*.norm1", "encoder.image.norm"], plan.Parts.Where(part => part.Value.IsEmpty).Select(part => part.Key));
    }

    [Fact]
    public void A_model_of_each_sites_own_has_what_is_written_and_else_the_defaults()
    {
        Assert.Equal(new PersonalPlan { Steps = 5 }, LearningPlan.Parse(Parse($"{Smallest}\nfederation.personal.steps = 5").Plan.Learning).Personal);
        Assert.Equal(
            new PersonalPlan { Steps = 7, Lambda = 2, LearningRate = 0.5 },
            LearningPlan.Parse(Parse($"{Smallest}\nfederation.personal {{ steps = 7, lambda = 2, learning-rate = 0.5 }}").Plan.Learning).Personal);
    }

    [Fact]
    public void A_plan_without_either_is_written_as_before_there_was_a_choice()
    {
        var plan = Parse(Smallest).Plan;

        Assert.DoesNotContain("localTensors", plan.Learning, StringComparison.Ordinal);
        Assert.DoesNotContain("personal", plan.Learning, StringComparison.Ordinal);
        Assert.Equal(plan.Learning, Parse($"{Smallest}\nfederation.local-tensors = []").Plan.Learning);
    }

    [Theory]
    [InlineData("local-tensors = [\"*\"]", "federation.local-tensors keeps all that task pneumonia trains at the sites: nothing of it would be learned together. Take a name out of it")]
    [InlineData("local-tensors = [encoder, \"decoder.*\"]", "federation.local-tensors keeps all that task pneumonia trains at the sites")]
    [InlineData("local-tensors = [\"encoder.image norm\"]", "federation.local-tensors contains \"encoder.image norm\"; names of tensors have letters, digits")]
    [InlineData("local-tensors = \"*.norm\"", "federation.local-tensors is not a list; write it in brackets, such as [a, b].")]
    [InlineData("local-tensors = [\"*.norm\"]\nfederation.method = fedkim-pub", "federation.local-tensors is of no use to fedkim-pub, which trains at no site. Take it out.")]
    [InlineData("personal.steps = 0", "federation.personal.steps is \"0\"; it must be a whole number, 1 to 1000000.")]
    [InlineData("personal.lambda = -1", "federation.personal.lambda is \"-1\"; it must be a number, 0 to 1000.")]
    [InlineData("personal { lambda = 400, learning-rate = 0.01 }", "federation.personal.lambda is 400, by which steps of learning-rate 0.01 swing ever farther about the global model. Keep their product below 2")]
    [InlineData("personal.mu = 1", "federation.personal.mu is not a setting of FedKim.")]
    [InlineData("personal.steps = 5\nfederation.method = fedkim-pub", "federation.personal is of no use to fedkim-pub, which trains at no site. Take it out.")]
    public void What_stays_at_a_site_and_cannot_be_so_is_the_one_problem(string written, string message) =>
        Assert.Contains(message, Assert.Single(Problems(_folder.Write("f.conf", $"{Smallest}\nfederation.{written}"))));

    [Fact]
    public void The_demo_file_reads_what_the_demo_generator_writes()
    {
        var learning = LearningPlan.Parse(FederationFile.Parse(Path.Combine(Repository.Root, "cluster/federations/demo.conf")).Plan.Learning);

        Assert.Equal(DemoData.Sources.Keys, learning.Tasks.Select(task => task.Name));
        Assert.All(learning.Tasks, task =>
        {
            var made = DemoData.Sources[task.Name];
            Assert.Equal(made with { Variables = task.Source.Variables }, task.Source);
            Assert.Equal(made.Variables.Keys, task.Source.Variables.Keys);
            Assert.All(made.Variables, v => Assert.Equal(v.Value.OrderBy(x => x.Column, StringComparer.Ordinal), task.Source.Variables[v.Key]));
        });
    }

    [Fact]
    public void The_demo_file_writes_every_setting_of_encoders_local_training_and_injection()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "cluster/federations/demo.conf"));

        Assert.All(
            ((Type[])[typeof(EncoderPlan), typeof(LocalPlan), typeof(InjectionPlan)]).SelectMany(type => type.GetProperties()).Select(p => p.Name),
            name => Assert.Matches($@"\n *{JsonNamingPolicy.KebabCaseLower.ConvertName(name)} =", text));
    }

    [Fact]
    public void Waits_are_bounded_only_where_the_file_says_so()
    {
        Assert.Equal(WaitLimits.None, Parse(Smallest).Plan.Limits);
        Assert.Equal(
            new WaitLimits(FirstModel: TimeSpan.FromHours(1), Injection: TimeSpan.FromMinutes(5), Opening: TimeSpan.FromDays(1)),
            Parse(Smallest.Replace("deadline = 30 s", "deadline = 30 s\n  limits { first-model = 1 hour, injection = 5 minutes, opening = 1 day }", StringComparison.Ordinal)).Plan.Limits);
    }

    [Fact]
    public void Clients_stand_in_ordinal_order_and_parts_name_the_tasks_that_train_them()
    {
        var plan = Parse(Smallest).Plan;

        Assert.Equal([new ClientId("a"), new ClientId("b")], plan.Clients);
        Assert.Equal(["decoder.pneumonia", "encoder.image"], plan.Parts.Keys);
        Assert.All(plan.Parts.Values, tasks => Assert.Equal(["pneumonia"], tasks));
        Assert.Equal(TimeSpan.FromSeconds(30), plan.Deadline);
    }

    [Theory]
    [InlineData("strategy = fedavg", "strategy = fedavgg", ":8: federation.strategy is \"fedavgg\"; allowed are fedavg, fedprox, fedadam, fedyogi, fedadagrad, clipped-mean. Did you mean fedavg?")]
    [InlineData("quorum = 2", "quorum = 3", ":6: federation.quorum is 3, but the federation invites 2 sites. Lower the quorum or invite more sites.")]
    [InlineData("quorum = 2", "quorum = most", ":6: federation.quorum is \"most\"; it must be a number of sites, 1 to 2, or a share of them such as 80 %.")]
    [InlineData("rounds = 2", "roundes = 2", ":4: federation.roundes is not a setting of FedKim. Did you mean rounds?")]
    [InlineData("rounds = 2", "rounds = 0", ":4: federation.rounds is \"0\"; it must be a whole number, 1 to 10000.")]
    [InlineData("deadline = 30 s", "deadline = soon", ":7: federation.deadline is \"soon\"; it must be a time above zero such as 30 seconds, 10 minutes or 2 hours.")]
    [InlineData("clients = [b, a]", "clients = [b, b]", ":5: federation.clients names b 2 times; name each site once.")]
    [InlineData("clients = [b, a]", "clients = [b, A]", ":5: federation.clients contains \"A\"; names are 1 to 63 lower-case letters")]
    [InlineData("modalities = [image]", "modalities = [signal]", ":12: federation.tasks.pneumonia.modalities contains \"signal\"; allowed are image.")]
    [InlineData("kind = training", "kind = zero-shot", ":10: federation.tasks has no task of kind training; there is nothing to learn.")]
    [InlineData("reader = image-folder", "reader = chexprt", ":14: federation.tasks.pneumonia.source.reader is \"chexprt\"; allowed are chexpert, covid-radiography")]
    [InlineData("path = xray", "path = xray\n on-bad-sample = skipp", ":16: federation.tasks.pneumonia.source.on-bad-sample is \"skipp\"; allowed are refuse, skip. Did you mean skip?")]
    [InlineData("path = xray", "path = xray\n uncertain = [a]", ":16: federation.tasks.pneumonia.source.uncertain must be a text, not a list.")]
    [InlineData("path = xray", "path = xray\n questions = yes", ":16: federation.tasks.pneumonia.source.questions is \"yes\"; allowed are all, closed, open, yes-no.")]
    [InlineData("name = deit", "{ name = deit\n heads = 3 }", ":10: federation.encoders.image.heads is 3, which does not divide the width 32. Choose a divisor of the width.")]
    [InlineData("name = deit", "{ name = signal-cnn\n checkpoint = a.safetensors }", ":10: federation.encoders.image.checkpoint is \"a.safetensors\", but only deit and deit-distilled start from published weights. Leave it out.")]
    [InlineData("path = xray", "", ":13: federation.tasks.pneumonia.source.path is missing; set it to a text.")]
    public void A_mistake_is_answered_with_line_key_and_remedy(string right, string wrong, string message)
    {
        string file = _folder.Write("f.conf", right == "name = deit" ? Smallest.Replace("image.name = deit", $"image {wrong}") : Smallest.Replace(right, wrong));

        Assert.Contains(Problems(file), problem => problem.StartsWith(file + message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_task_takes_a_set_of_variables_over_by_its_name()
    {
        string file = _folder.Write("f.conf", $$"""
            {{Smallest.Replace("image-folder", "yaib").Replace("image.name = deit", "vital.name = clinical-transformer").Replace("[image]", "[vital]")}}
            federation.variables.ward.vital {
              temp { mean = 37, deviation = 1, least = 30, most = 45 }
              hr { column = "HR, Pulse", mean = 80, deviation = 20 }
            }
            federation.tasks.pneumonia.source.variables.vital { hr = ${federation.variables.ward.vital.hr}, temp = ${federation.variables.ward.vital.temp} }
            """);

        var vital = LearningPlan.Parse(FederationFile.Parse(file).Plan.Learning).Tasks.Single().Source.Variables["vital"];

        Assert.Equal([new Variable("HR, Pulse", 80, 20) { Name = "hr" }, new Variable("temp", 37, 1) { Least = 30, Most = 45 }], vital);
    }

    [Fact]
    public void A_set_of_variables_that_no_task_takes_over_must_be_right_all_the_same()
    {
        string file = _folder.Write("f.conf", $"{Smallest}\nfederation.variables.ward.vital.hr {{ mean = 80, deviation = 0 }}\n");

        Assert.Contains("federation.variables.ward.vital.hr.deviation is \"0\"", Assert.Single(Problems(file)));
    }

    [Fact]
    public void All_mistakes_are_reported_at_once()
    {
        string file = _folder.Write("f.conf", Smallest.Replace("rounds = 2", "rounds = many").Replace("strategy = fedavg", "strategy = best").Replace("seed = 1", ""));

        Assert.Equal(["federation.rounds", "federation.seed", "federation.strategy"],
            Problems(file).Select(p => p[(file.Length + 1)..].Split(' ')[1]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_mistake_in_an_included_file_is_reported_there()
    {
        string shared = _folder.Write("shared.conf", Smallest.Replace("weighting", "").Replace("seed = 1", "seed = -1"));
        string file = _folder.Write("f.conf", "include \"shared.conf\"\n\nfederation.rounds = 3\n");

        Assert.StartsWith($"{shared}:3: federation.seed", Assert.Single(Problems(file)));
    }

    [Fact]
    public void What_is_written_after_an_include_wins_key_by_key()
    {
        _folder.Write("shared.conf", Smallest);
        string file = _folder.Write("f.conf", "include \"shared.conf\"\nfederation { rounds = 9\n tasks.pneumonia.prompt = \"Well?\" }\n");

        var plan = FederationFile.Parse(file).Plan;
        var learning = LearningPlan.Parse(plan.Learning);

        Assert.Equal((9, 1L), (plan.Rounds, plan.Seed));
        Assert.Equal(("Well?", "Image only."), (learning.Tasks[0].Prompt, learning.Tasks[0].ModalityDescription));
    }

    [Fact]
    public void Files_that_include_each_other_are_refused()
    {
        string file = _folder.Write("a.conf", "include \"b.conf\"\n");
        _folder.Write("b.conf", "include \"a.conf\"\n");

        Assert.Contains("the file includes itself", Assert.Single(Problems(file)));
    }

    [Fact]
    public void A_missing_include_names_both_files()
    {
        string file = _folder.Write("a.conf", "include \"b.conf\"\n");

        string problem = Assert.Single(Problems(file));

        Assert.StartsWith($"{Path.Combine(_folder.Path, "b.conf")}: there is no such file", problem);
        Assert.Contains(file, problem);
    }

    [Fact]
    public void An_option_stands_in_place_of_the_file_and_is_named_when_it_is_wrong()
    {
        string file = _folder.Write("f.conf", Smallest);

        Assert.Equal(7, FederationFile.Parse(file, new Override("federation.rounds", "7", "--rounds")).Plan.Rounds);
        var e = Assert.Throws<InvalidConfigurationException>(() => FederationFile.Parse(file, new Override("federation.rounds", "0", "--rounds")));
        Assert.StartsWith($"--rounds 0 over {file}: federation.rounds is \"0\"", Assert.Single(e.Problems));
    }

    [Fact]
    public void The_text_of_a_federation_says_the_same_without_its_includes()
    {
        _folder.Write("shared.conf", Smallest);
        string file = _folder.Write("f.conf", "include \"shared.conf\"\nfederation.rounds = 9\n");
        var first = FederationFile.Parse(file, new Override("federation.seed", "5", "--seed"));

        var second = FederationFile.Parse(_folder.Write("elsewhere/copy.conf", first.Text));

        Assert.Equal((first.Plan.Rounds, first.Plan.Seed, first.Plan.Learning), (second.Plan.Rounds, second.Plan.Seed, second.Plan.Learning));
    }

    [Fact]
    public void A_share_is_the_least_number_of_sites_that_reaches_it() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 100]).Sample((sites, percent) =>
        {
            using var folder = new TemporaryFolder();
            string clients = string.Join(", ", Enumerable.Range(0, sites).Select(i => $"site-{i}"));
            string file = folder.Write("f.conf", Smallest.Replace("[b, a]", $"[{clients}]").Replace("quorum = 2", $"quorum = {percent} %"));

            int quorum = FederationFile.Parse(file).Plan.Quorum;

            return quorum >= 1 && quorum * 100 >= sites * percent && (quorum - 1) * 100 < sites * percent;
        }, iter: 50);

    private static string With(string strategy, string constants) =>
        $"{Smallest}\nfederation.strategy = {strategy}\nfederation.server-optimizer {{ {constants.Replace(", ", "\n")}\n }}";

    private (FederationPlan Plan, string Text) Parse(string text) => FederationFile.Parse(_folder.Write("f.conf", text));

    private static IEnumerable<string> Problems(string file) =>
        Assert.Throws<InvalidConfigurationException>(() => FederationFile.Parse(file)).Problems;
}
