using FedKim.Configuration;
using FedKim.Learning;
using FedKim.Testing;

namespace FedKim.Experiments.Tests;

public sealed class ExperimentFileTests : IDisposable
{
    private const string Task = """
          modalities = [image]
          source {
            reader = image-folder
            path = xray
          }
          prompt = "Is it there?"
          task-description = "Detection."
          modality-description = "Image only."
        """;

    private const string Federation = $$"""
        federation {
          name = small
          seed = 1
          rounds = 2
          clients = [a, b]
          quorum = 2
          deadline = 30 s
          strategy = fedavg
          encoders.image.name = deit
          tasks {
            opacity {
              kind = training
              {{Task}}
            }
            pneumonia {
              kind = training
              {{Task}}
            }
            effusion {
              kind = zero-shot
              {{Task}}
            }
          }
        }
        """;

    private const string Smallest = """
        experiment {
          name = trial
          federation = "small.conf"
          seeds = [3, 1]
          methods {
            plain.title = "Plain"
            other.federation {
              strategy = fedprox
              local.proximal = 0.5
              tasks.opacity.prompt = "A \"quoted\" question,\nof {two} lines"
            }
          }
          tables.one {
            title = "One"
            tasks = [pneumonia, zero-shot]
            methods = [other, plain]
            rates = [f1, auroc]
          }
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public ExperimentFileTests() => _folder.Write("small.conf", Federation);

    public static IEnumerable<TheoryDataRow<string>> Files => Repository.Files("cluster/experiments").Select(file => new TheoryDataRow<string>(file));

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Files))]
    public void Every_experiment_file_of_the_repository_is_valid(string file)
    {
        string path = Path.Combine(Repository.Root, file);
        string federation = Path.Combine(Path.GetDirectoryName(path)!, HoconFile.Read(path).Section("experiment").Text("federation"));
        Assert.SkipUnless(File.Exists(federation), $"{file} is about {federation}, which is not there.");

        var experiment = ExperimentFile.Read(path);

        Assert.NotEmpty(experiment.Plan.Tables);
        Assert.All(experiment.Plan.Cells, cell => Assert.Equal(cell.Seed, experiment.FederationOf(cell).Seed));
    }

    [Theory, MemberData(nameof(Files))]
    public void An_experiment_of_the_repository_that_stands_for_published_tables_says_what_it_does_otherwise(string file)
    {
        var plan = ExperimentFile.Read(Path.Combine(Repository.Root, file)).Plan;

        Assert.Equal(plan.Tables.Any(table => table.StandsFor is not null), plan.Deviations is not null);
    }

    [Fact]
    public void The_papers_tables_compare_what_the_paper_compares()
    {
        var paper = ExperimentFile.Read(Path.Combine(Repository.Root, "cluster/experiments/paper.conf"));
        var plans = paper.Plan.Methods.ToDictionary(method => method.Key, method => paper.FederationOf(new Cell(method.Key, 1)));

        // Beside the paper's, what FedKIM is without its router.
        Assert.Equal([("fedplug", "fedavg"), ("fedplug-l", "fedavg"), ("fedplug-l-equal", "fedavg"), ("fedkim", "fedavg")], Compared("table-3-fedavg"));
        Assert.Equal([("fedplug", "fedprox"), ("fedplug-l", "fedprox"), ("fedkim", "fedprox")], Compared("table-3-fedprox"));
        Assert.Equal([("fedkim-pub", "fedavg"), ("fedkim-t", "fedavg"), ("fedkim-m", "fedavg"), ("fedkim", "fedavg")], Compared("table-4"));
        Assert.Equal(Compared("table-4"), Compared("table-5"));
        Assert.Equal(["covid"], Table("table-4").Tasks);
        Assert.Equal(["enlarged-cardiomediastinum"], Table("table-5").Tasks);
        Assert.Equal(["covid", "ecg-abnormal", "lung-opacity", "mortality"], Table("table-7").Tasks.Order(StringComparer.Ordinal));
        Assert.All(Table("table-7").Tasks, task => Assert.Equal([task], Trained($"fedkim-{task}")));
        Assert.Equal(8, Table("figure-2").Tasks.Length);
        Assert.All(paper.Plan.Tables, table => Assert.Equal(table.Key == "other-strategies", table.StandsFor is null));

        TablePlan Table(string key) => paper.Plan.Tables.Single(table => table.Key == key);

        IEnumerable<(string, string)> Compared(string key) => Table(key).Methods.Select(method => (plans[method].Method, plans[method].Strategy));

        IEnumerable<string> Trained(string method) => LearningPlan.Parse(plans[method].Learning).Training.Select(task => task.Name);
    }

    [Fact]
    public void Methods_of_more_findings_train_those_of_fewer_and_measure_what_they_do_not_train()
    {
        var experiment = ExperimentFile.Read(Path.Combine(Repository.Root, "cluster/experiments/task-diversity.experiment.conf"));
        var plans = experiment.Plan.Methods.Select(method => LearningPlan.Parse(experiment.FederationOf(new Cell(method.Key, 1)).Learning)).ToArray();
        var trained = plans.Select(plan => plan.Training.Select(task => task.Name).ToHashSet(StringComparer.Ordinal)).ToArray();

        Assert.Equal([1, 2, 4, 8], trained.Select(tasks => tasks.Count));
        Assert.All(Enumerable.Range(1, 3), i => Assert.Subset(trained[i], trained[i - 1]));
        Assert.All(plans, plan => Assert.Equal(plans[0].Tasks.Select(task => task.Name), plan.Tasks.Select(task => task.Name)));
        Assert.DoesNotContain(experiment.Plan.Tables.Single(table => table.Key == "held-out").Tasks, trained[3].Contains);
        Assert.Equal(experiment.Plan.Tables.Single(table => table.Key == "trained").Tasks, [Assert.Single(trained[0])]);
    }

    [Fact]
    public void A_method_that_learns_some_tasks_alone_is_known_not_to_have_the_others()
    {
        var plan = Read(Smallest.Replace("plain.title = \"Plain\"", "plain.federation.training-tasks = [opacity]")).Plan;

        Assert.Equal([(true, false, true), (true, true, true)], plan.Methods.Select(method => (method.Has("opacity"), method.Has("pneumonia"), method.Has("effusion"))));
        Assert.All(Read(Smallest).Plan.Methods, method => Assert.Null(method.Without));
    }

    [Fact]
    public void What_a_table_stands_for_and_what_differs_from_that_are_read_and_need_not_be_said()
    {
        var plan = Read(Smallest.Replace("title = \"One\"", "stands-for = \"Table 3, left\"").Replace("seeds =", "deviations = [\"Fewer, and smaller.\", \"Others.\"]\n  seeds =")).Plan;

        Assert.Equal("Table 3, left", plan.Tables[0].StandsFor);
        Assert.Equal(["Fewer, and smaller.", "Others."], plan.Deviations!.Value);
        Assert.Null(Read(Smallest).Plan.Deviations);
        Assert.Null(Read(Smallest).Plan.Tables[0].StandsFor);
    }

    [Fact]
    public void A_table_in_groups_knows_the_column_of_each_task_that_has_one()
    {
        _folder.Write("small.conf", Federation.Replace("pneumonia {", "pneumonia {\n source.group-column = sex"));
        string file = Smallest.Replace("title = \"One\"", "groups = on");

        Assert.Equal([KeyValuePair.Create("pneumonia", "sex")], Read(file).Plan.Tables[0].Groups!);
        Assert.Null(Read(file.Replace("groups = on", "groups = off")).Plan.Tables[0].Groups);
    }

    [Fact]
    public void A_cell_follows_the_federation_file_but_for_what_its_method_sets_and_its_seed()
    {
        var experiment = Read(Smallest);
        var (plain, other) = (experiment.FederationOf(new Cell("plain", 3)), experiment.FederationOf(new Cell("other", 1)));

        Assert.Equal(["plain-seed3", "other-seed3", "plain-seed1", "other-seed1"], experiment.Plan.Cells.Select(c => c.Name));
        Assert.Equal((3, "fedavg", 2), (plain.Seed, plain.Strategy, plain.Rounds));
        Assert.Equal((1, "fedprox", 2), (other.Seed, other.Strategy, other.Rounds));
        Assert.Equal((1e-4, 0.5), (LearningPlan.Parse(plain.Learning).Local.Proximal, LearningPlan.Parse(other.Learning).Local.Proximal));
        Assert.Equal("A \"quoted\" question,\nof {two} lines", LearningPlan.Parse(other.Learning).Tasks.Single(t => t.Name == "opacity").Prompt);
        Assert.Equal("Is it there?", LearningPlan.Parse(plain.Learning).Tasks.Single(t => t.Name == "opacity").Prompt);
    }

    [Fact]
    public void A_table_shows_tasks_methods_and_rates_in_its_own_order_and_a_kind_stands_for_its_tasks()
    {
        var table = Assert.Single(Read(Smallest).Plan.Tables);

        Assert.Equal(("one", "One", false), (table.Key, table.Title, table.Radar));
        Assert.Equal(["pneumonia", "effusion"], table.Tasks);
        Assert.Equal(["other", "plain"], table.Methods);
        Assert.Equal(["f1", "auroc"], table.Rates);
    }

    [Fact]
    public void Tables_and_methods_come_in_the_order_of_the_file()
    {
        var plan = Read(Smallest.Replace("tables.one {", "tables.zero.tasks = [effusion]\n  tables.one {").Replace("methods {", "methods {\n    z.title = \"Z\"")).Plan;

        Assert.Equal(["zero", "one"], plan.Tables.Select(table => table.Key));
        Assert.Equal(["z", "plain", "other"], plan.Methods.Select(method => method.Key));
        Assert.Equal(["z", "plain", "other"], plan.Tables[0].Methods);
    }

    [Fact]
    public void What_a_table_names_twice_it_shows_once()
    {
        var table = Assert.Single(Read(Smallest.Replace("methods = [other, plain]", "methods = [other, plain, other]").Replace("rates = [f1, auroc]", "rates = [f1, auroc, f1]")).Plan.Tables);

        Assert.Equal(["other", "plain"], table.Methods);
        Assert.Equal(["f1", "auroc"], table.Rates);
    }

    [Fact]
    public void Rounds_of_the_experiment_hold_for_every_method_that_does_not_set_its_own()
    {
        var experiment = Read(Smallest.Replace("seeds =", "rounds = 7\n  seeds =").Replace("strategy = fedprox", "strategy = fedprox\n rounds = 9"));

        Assert.Equal(7, experiment.FederationOf(new Cell("plain", 1)).Rounds);
        Assert.Equal(9, experiment.FederationOf(new Cell("other", 1)).Rounds);
    }

    [Theory]
    [InlineData("name = trial", "name = Trial", ":2: experiment.name is \"Trial\"; names are 1 to 63 lower-case letters")]
    [InlineData("seeds = [3, 1]", "seeds = []", ":4: experiment.seeds is empty; name at least one, better three.")]
    [InlineData("seeds = [3, 1]", "seeds = [1, 1]", ":4: experiment.seeds names 1 twice; name each seed once.")]
    [InlineData("seeds = [3, 1]", "seeds = [one]", ":4: experiment.seeds contains \"one\"; seeds are whole numbers from 0.")]
    [InlineData("seeds = [3, 1]", "seeds = [1]\n  rounds = 0", ":5: experiment.rounds is \"0\"; it must be a whole number, 1 to 10000.")]
    [InlineData("methods = [other, plain]", "methods = [other, plan]", ":16: experiment.tables.one.methods contains \"plan\"; allowed are plain, other. Did you mean plain?")]
    [InlineData("tasks = [pneumonia", "tasks = [pneumonya", ":15: experiment.tables.one.tasks contains \"pneumonya\"; allowed are training, zero-shot,")]
    [InlineData("rates = [f1, auroc]", "rates = [f2]", ":17: experiment.tables.one.rates contains \"f2\"; allowed are accuracy, precision,")]
    [InlineData("rates = [f1, auroc]", "rival = nobody", ":17: experiment.tables.one.rival is \"nobody\"; allowed are plain, other.")]
    [InlineData("rates = [f1, auroc]", "radar = on", ":17: experiment.tables.one.radar is on, but the table has 2 tasks, and a radar needs 3. Add tasks, or turn it off.")]
    [InlineData("title = \"One\"", "groups = on", ":14: experiment.tables.one.groups is on, but no task of the table has groups. Name their column in the federation file, by source.group-column of a task, or turn it off.")]
    [InlineData("title = \"One\"", "stands-for = \"\"", ":14: experiment.tables.one.stands-for is \"\"; it must be a text.")]
    [InlineData("seeds = [3, 1]", "seeds = [1]\n  deviations = []", ":5: experiment.deviations is empty; say what differs, a text each, or leave it out.")]
    [InlineData("seeds = [3, 1]", "seeds = [1]\n  deviations = [\"a\", \" \"]", ":5: experiment.deviations has an empty text; say what differs, or take it out.")]
    [InlineData("seeds = [3, 1]", "seeds = [1]\n  deviations = [\"a b\", \"a b\"]", ":5: experiment.deviations says twice \"a b\"; say it once.")]
    [InlineData("seeds = [3, 1]", "seeds = [1]\n  deviations = fewer", ":5: experiment.deviations is not a list; write it in brackets, such as [a, b].")]
    [InlineData("plain.title = \"Plain\"", "plain.federation.training-tasks = [effusion]", ":6: experiment.methods.plain.federation.training-tasks = [\"effusion\"] over {0}/small.conf: federation.training-tasks contains \"effusion\"; allowed are opacity, pneumonia.")]
    [InlineData("strategy = fedprox", "training-tasks = [opacity]\n}\n}\ntables.two {\ntasks = [pneumonia]\nmethods = [other]\n}\nunread {\nx {", ":12: experiment.tables.two.tasks contains \"pneumonia\", which no federation of the table's methods has. Add a method that has it, or name other tasks.")]
    [InlineData("plain.title", "plain.titel", ":6: experiment.methods.plain.titel is not a setting of FedKim. Did you mean title?")]
    [InlineData("strategy = fedprox", "seed = 5", ":8: experiment.methods.other.federation.seed cannot be set by a method")]
    [InlineData("strategy = fedprox", "strategy = fedprx", ":8: experiment.methods.other.federation.strategy = \"fedprx\" over {0}/small.conf: federation.strategy is \"fedprx\"; allowed are")]
    [InlineData("strategy = fedprox", "strategy = null", ":8: experiment.methods.other.federation.strategy = \"\" over {0}/small.conf: federation.strategy is \"\"; it must be a text.")]
    [InlineData("strategy = fedprox", "strategi = fedprox", ":8: experiment.methods.other.federation.strategi = \"fedprox\" over {0}/small.conf: federation.strategi is not a setting of FedKim. Did you mean strategy?")]
    public void A_mistake_is_answered_with_line_key_and_remedy(string right, string wrong, string message)
    {
        string file = _folder.Write("e.conf", Smallest.Replace(right, wrong));

        var e = Assert.Throws<InvalidConfigurationException>(() => ExperimentFile.Read(file));

        Assert.Contains(e.Problems, problem => problem.StartsWith(file + string.Format(null, message, _folder.Path), StringComparison.Ordinal));
    }

    [Fact]
    public void A_federation_file_that_is_not_there_is_told_once()
    {
        string file = _folder.Write("e.conf", Smallest.Replace("small.conf", "gone.conf"));

        var e = Assert.Throws<InvalidConfigurationException>(() => ExperimentFile.Read(file));

        Assert.Equal([$"{_folder.Path}/gone.conf: there is no such file. Check the path."], e.Problems);
    }

    private Experiment Read(string text) => ExperimentFile.Read(_folder.Write("e.conf", text));
}
