using System.Collections.Immutable;
using System.Globalization;
using FedKim.Configuration;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>Reads experiment files.</summary>
public static class ExperimentFile
{
    private static readonly string[] Kinds = [TaskPlan.TrainingKind, TaskPlan.ZeroShotKind];
    private static readonly string[] UsualRates = ["accuracy", "precision", "recall", "f1", Rate.Auroc];

    /// <summary>Reads and checks an experiment file and the federation of every method in it.</summary>
    /// <exception cref="InvalidConfigurationException">Something in it cannot be used.</exception>
    public static Experiment Read(string path)
    {
        var file = HoconFile.Read(path);
        var section = file.Section("experiment");
        string name = section.Text("name");
        if (name.Length > 0 && !Names.IsValid(name))
            section.Problem("name", $"is \"{name}\"; {Names.Rule}.");
        string federation = Path.Combine(Path.GetDirectoryName(path) ?? "", section.Text("federation"));
        var seeds = Seeds(section);
        ImmutableArray<Override> rounds = section.Has("rounds")
            ? [new Override("federation.rounds", section.Number("rounds", 1, 10_000).ToString(CultureInfo.InvariantCulture), $"{section.Where("rounds")} =")]
            : [];

        var methods = ImmutableArray.CreateBuilder<ComparedMethod>();
        var settings = ImmutableDictionary.CreateBuilder<string, ImmutableArray<Override>>(StringComparer.Ordinal);
        foreach (var (key, method) in section.Child("methods").ChildrenAsWritten())
        {
            methods.Add(new ComparedMethod(key, method.Text("title", key)));
            settings.Add(key, [.. rounds, .. SettingsOf(key, method)]);
        }
        if (methods.Count == 0)
            section.Problem("methods", "names no method; write methods { NAME { federation { … } } }, with what the method sets in place of the federation file's.");

        var plan = new ExperimentPlan(name, seeds, methods.ToImmutable(), []);
        var experiment = new Experiment(plan, federation, settings.ToImmutable());
        var tasks = Tasks(experiment, file);
        string[] keys = [.. methods.Select(m => m.Key)];
        plan = plan with { Tables = [.. section.Child("tables").ChildrenAsWritten().Select(t => Table(t.Name, t.Section, keys, tasks))] };
        file.Complete();
        return experiment with { Plan = plan };
    }

    private static ImmutableArray<long> Seeds(Section section)
    {
        var seeds = ImmutableArray.CreateBuilder<long>();
        foreach (string text in section.Texts("seeds"))
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seed))
                section.Problem("seeds", $"contains \"{text}\"; seeds are whole numbers from 0.");
            else if (seeds.Contains(seed))
                section.Problem("seeds", $"names {seed} twice; name each seed once.");
            else
                seeds.Add(seed);
        }
        if (section.Has("seeds") && seeds.Count == 0)
            section.Problem("seeds", "is empty; name at least one, better three.");
        return seeds.ToImmutable();
    }

    private static ImmutableArray<Override> SettingsOf(string key, Section method)
    {
        if (!Names.IsValid(key))
            method.Problem("title", $"belongs to a method called \"{key}\"; {Names.Rule}.");
        var settings = method.Settings("federation");
        if (settings.Any(s => s.Key == "federation"))
            method.Problem("federation", "must be an object in braces, with settings of a federation file.");
        if (settings.Any(s => s.Key == "federation.seed"))
            method.Problem("federation.seed", "cannot be set by a method: every method runs under every one of experiment.seeds.");
        return settings.RemoveAll(s => s.Key == "federation");
    }

    /// <summary>The tasks of all methods' federations; null where one of those cannot be read, which is noted.</summary>
    private static ImmutableArray<TaskPlan>? Tasks(Experiment experiment, HoconFile file)
    {
        List<TaskPlan>? tasks = [];
        foreach (var method in experiment.Plan.Methods)
        {
            try
            {
                var plan = experiment.FederationOf(new Cell(method.Key, experiment.Plan.Seeds.FirstOrDefault()));
                if (plan.Method != FederationFile.Rehearsal)
                    tasks?.AddRange(LearningPlan.Parse(plan.Learning).Tasks);
            }
            catch (InvalidConfigurationException e)
            {
                file.Problems(e);
                tasks = null;
            }
        }
        return tasks is null ? null : [.. tasks.DistinctBy(task => task.Name)];
    }

    private static TablePlan Table(string key, Section section, string[] methods, ImmutableArray<TaskPlan>? known)
    {
        string[]? names = known is { } all ? [.. Kinds, .. all.Select(task => task.Name)] : null;
        var written = section.Texts("tasks", names);
        // A kind stands for all tasks of it.
        ImmutableArray<string> tasks =
            [.. written.SelectMany(t => Kinds.Contains(t) ? (known ?? []).Where(task => task.Kind == t).Select(task => task.Name) : [t]).Distinct()];
        ImmutableArray<string> rates = [.. section.Texts("rates", Rate.All, UsualRates).Distinct()];
        if (written.IsEmpty && section.Has("tasks"))
            section.Problem("tasks", "is empty; name tasks, or training or zero-shot for all of that kind.");
        if (rates.IsEmpty)
            section.Problem("rates", $"is empty; name some of {string.Join(", ", Rate.All)}.");
        bool radar = section.Flag("radar", false);
        if (radar && known is not null && tasks.Length < Radar.LeastTasks)
            section.Problem("radar", $"is on, but the table has {tasks.Length} {(tasks.Length == 1 ? "task" : "tasks")}, and a radar needs {Radar.LeastTasks}. Add tasks, or turn it off.");
        if (!Names.IsValid(key))
            section.Problem("title", $"belongs to a table called \"{key}\"; {Names.Rule}.");
        string? rival = section.Has("rival") ? section.Choice("rival", methods) : null;
        return new TablePlan(key, section.Text("title", key), tasks, [.. section.Texts("methods", methods, methods).Distinct()], rates, radar, rival);
    }
}
