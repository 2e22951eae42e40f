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

        var plan = new ExperimentPlan(name, seeds, methods.ToImmutable(), []) { Deviations = Deviations(section) };
        var experiment = new Experiment(plan, federation, settings.ToImmutable());
        var tasks = Tasks(experiment, file);
        if (tasks is { } known)
            plan = plan with { Methods = [.. plan.Methods.Select(method => method with { Without = Without(method.Key, known) })] };
        plan = plan with { Tables = [.. section.Child("tables").ChildrenAsWritten().Select(t => Table(t.Name, t.Section, plan.Methods, tasks))] };
        file.Complete();
        return experiment with { Plan = plan };
    }

    private static ImmutableArray<string>? Deviations(Section section)
    {
        if (!section.Has("deviations"))
            return null;
        var texts = section.Texts("deviations");
        if (texts.IsEmpty)
            section.Problem("deviations", "is empty; say what differs, a text each, or leave it out.");
        if (texts.Any(string.IsNullOrWhiteSpace))
            section.Problem("deviations", "has an empty text; say what differs, or take it out.");
        foreach (string twice in texts.GroupBy(text => text, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
            section.Problem("deviations", $"says twice \"{twice}\"; say it once.");
        return texts;
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

    /// <summary>Each method's tasks; null where the federation of one cannot be read, which is noted. A rehearsal has none.</summary>
    private static List<(string Method, ImmutableArray<TaskPlan> Tasks)>? Tasks(Experiment experiment, HoconFile file)
    {
        List<(string, ImmutableArray<TaskPlan>)>? tasks = [];
        foreach (var method in experiment.Plan.Methods)
        {
            try
            {
                var plan = experiment.FederationOf(new Cell(method.Key, experiment.Plan.Seeds.FirstOrDefault()));
                tasks?.Add((method.Key, plan.Method == FederationFile.Rehearsal ? [] : LearningPlan.Parse(plan.Learning).Tasks));
            }
            catch (InvalidConfigurationException e)
            {
                file.Problems(e);
                tasks = null;
            }
        }
        return tasks;
    }

    private static ImmutableArray<string>? Without(string method, List<(string Method, ImmutableArray<TaskPlan> Tasks)> known)
    {
        var own = known.First(m => m.Method == method).Tasks.Select(task => task.Name);
        ImmutableArray<string> others = [.. known.SelectMany(m => m.Tasks).Select(task => task.Name).Except(own)];
        return others.IsEmpty ? null : others;
    }

    private static TablePlan Table(string key, Section section, ImmutableArray<ComparedMethod> methods, List<(string Method, ImmutableArray<TaskPlan> Tasks)>? known)
    {
        List<TaskPlan> all = [.. (known ?? []).SelectMany(m => m.Tasks).DistinctBy(task => task.Name)];
        var written = section.Texts("tasks", known is null ? null : [.. Kinds, .. all.Select(task => task.Name)]);
        // A kind stands for all tasks of it.
        ImmutableArray<string> tasks =
            [.. written.SelectMany(t => Kinds.Contains(t) ? all.Where(task => task.Kind == t).Select(task => task.Name) : [t]).Distinct()];
        string[] keys = [.. methods.Select(method => method.Key)];
        ImmutableArray<string> compared = [.. section.Texts("methods", keys, keys).Distinct()];
        ImmutableArray<string> rates = [.. section.Texts("rates", Rate.All, UsualRates).Distinct()];
        if (written.IsEmpty && section.Has("tasks"))
            section.Problem("tasks", "is empty; name tasks, or training or zero-shot for all of that kind.");
        var own = methods.Where(method => compared.Contains(method.Key)).ToList();
        foreach (string task in tasks.Where(task => own.Count > 0 && !own.Exists(method => method.Has(task))))
            section.Problem("tasks", $"contains \"{task}\", which no federation of the table's methods has. Add a method that has it, or name other tasks.");
        if (rates.IsEmpty)
            section.Problem("rates", $"is empty; name some of {string.Join(", ", Rate.All)}.");
        bool radar = section.Flag("radar", false);
        if (radar && known is not null && tasks.Length < Radar.LeastTasks)
            section.Problem("radar", $"is on, but the table has {tasks.Length} {(tasks.Length == 1 ? "task" : "tasks")}, and a radar needs {Radar.LeastTasks}. Add tasks, or turn it off.");
        if (!Names.IsValid(key))
            section.Problem("title", $"belongs to a table called \"{key}\"; {Names.Rule}.");
        string? rival = section.Has("rival") ? section.Choice("rival", keys) : null;
        return new TablePlan(key, section.Text("title", key), tasks, compared, rates, radar, rival)
        {
            StandsFor = section.Has("stands-for") ? section.Text("stands-for") : null,
            Groups = section.Flag("groups", false) ? Groups(section, [.. all.Where(task => tasks.Contains(task.Name))], known is not null) : null,
        };
    }

    private static ImmutableSortedDictionary<string, string> Groups(Section table, List<TaskPlan> tasks, bool known)
    {
        var columns = tasks.Where(task => task.Source.GroupColumn is not null)
            .ToImmutableSortedDictionary(task => task.Name, task => task.Source.GroupColumn!, StringComparer.Ordinal);
        if (known && columns.IsEmpty)
            table.Problem("groups", "is on, but no task of the table has groups. Name their column in the federation file, by source.group-column of a task, or turn it off.");
        return columns;
    }
}
