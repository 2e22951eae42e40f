using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedKim.Commands.Palettes;
using FedKim.Data;

namespace FedKim.Configuration;

/// <summary>What a federation file says of a task's data.</summary>
internal static class SourceSection
{
    private const int MostHours = 10_000;

    // Who lies between them, below, above, and who is not known.
    private const int MostCuts = TaskSource.MostGroups - 2;

    private static readonly string[] Wordings = ["paraphrased", "template"];

    /// <summary>Where a task's samples are.</summary>
    public static TaskSource Read(Section section)
    {
        var fallback = new TaskSource { Reader = "", Path = "" };
        string reader = section.Choice("reader", DataSet.Readers.Names, remedy: FederationFile.OfAPackage);
        RefuseUnminded(section);
        return new TaskSource
        {
            Reader = reader,
            Path = section.Text("path"),
            Label = section.Text("label", fallback.Label),
            Csv = section.Text("csv", fallback.Csv),
            FileColumn = section.Text("file-column", fallback.FileColumn),
            PatientColumn = section.Text("patient-column", fallback.PatientColumn),
            Images = section.Text("images", fallback.Images),
            File = section.Text("file", fallback.File),
            Parts = section.Texts("parts", fallback: fallback.Parts),
            Lateral = section.Flag("lateral", fallback.Lateral),
            Uncertain = OneOf(section, "uncertain", fallback.Uncertain),
            Unmentioned = OneOf(section, "unmentioned", fallback.Unmentioned),
            Questions = OneOf(section, "questions", fallback.Questions),
            Language = section.Choice("language", ["en", "zh"], fallback.Language),
            OnBadSample = OneOf(section, "on-bad-sample", fallback.OnBadSample),
            ImageSize = section.Number("image-size", 1, 4096, fallback.ImageSize),
            PictureBits = section.Number("picture-bits", 0, 16, fallback.PictureBits),
            Downsample = section.Number("downsample", 1, 1000, fallback.Downsample),
            Records = section.Text("records", fallback.Records),
            Attribute = section.Text("attribute", fallback.Attribute),
            Wording = section.Choice("wording", Wordings, fallback.Wording),
            Hours = section.Number("hours", 1, MostHours, fallback.Hours),
            Gap = section.Number("gap", 0, MostHours, fallback.Gap),
            Horizon = section.Number("horizon", 0, MostHours, fallback.Horizon),
            // What is the rule is not written into a plan.
            ExcludeEarlyOnset = section.Flag("exclude-early-onset", true) ? null : false,
            Variables = section.Child("variables").Children()
                .ToImmutableSortedDictionary(v => v.Name, v => Variables(v.Section), StringComparer.Ordinal),
            PatientsOf = section.Text("patients-of", fallback.PatientsOf),
            HeldOut = section.Flag("held-out", fallback.HeldOut),
            Split = OneOf(section, "split", fallback.Split),
            SharedPeople = OneOf(section, "shared-people", fallback.SharedPeople),
            GroupColumn = section.Has("group-column") ? section.Text("group-column") : null,
            GroupCuts = Cuts(section),
            Settings = Settings(section, DataSet.Readers.Find(reader)),
        };
    }

    /// <summary>What a reader's own settings are set to; null for one that has none.</summary>
    private static ImmutableSortedDictionary<string, string>? Settings(Section source, IReader? reader)
    {
        if (reader is null or { Settings.IsEmpty: true })
            return null;
        var section = source.Child("settings");
        return reader.Settings.ToImmutableSortedDictionary(s => s.Key, s => section.Text(s.Key, s.Value), StringComparer.Ordinal);
    }

    private static ImmutableArray<double>? Cuts(Section section)
    {
        if (!section.Has("group-cuts"))
            return null;
        ImmutableArray<double> cuts =
            [.. section.Texts("group-cuts").Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double cut) ? cut : double.NaN)];
        if (!section.Has("group-column"))
            section.Problem("group-cuts", "cuts no column; name one by group-column, or take this out.");
        if (!cuts.IsEmpty && cuts.Length <= MostCuts && cuts.All(double.IsFinite) && !cuts.Zip(cuts.Skip(1), (low, high) => low < high).Contains(false))
            return cuts;
        section.Problem("group-cuts", $"must be 1 to {MostCuts} numbers, each above the one before, such as [40, 65].");
        return null;
    }

    // What is written and changes nothing is meant for another reader, or is another setting's name.
    private static void RefuseUnminded(Section source)
    {
        // One that nobody knows was reported as that.
        if (DataSet.Readers.Find(source.Text("reader", "")) is not { } reader)
            return;
        string[] minded = [.. SourceKey.Of(reader).Select(key => key.Name)];
        foreach (string key in SourceKey.All.Select(key => key.Name).Except(minded).Where(source.Has))
        {
            string near = NearestName.To(key, minded) is { } name ? $" Did you mean {name}?" : "";
            source.Problem(key, $"is nothing that the reader {reader.Name} minds: it minds {string.Join(", ", minded)}.{near} Take it out.");
        }
    }

    private static T OneOf<T>(Section section, string key, T fallback) where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];
        int chosen = Array.IndexOf(names, section.Choice(key, names, names[Array.IndexOf(Enum.GetValues<T>(), fallback)]));
        return chosen < 0 ? fallback : Enum.GetValues<T>()[chosen];
    }

    private static ImmutableArray<Variable> Variables(Section modality) => [.. modality.Children().Select(v => Variable(v.Name, v.Section))];

    private static Variable Variable(string name, Section section)
    {
        var variable = new Variable(
            section.Text("column", name), section.Number("mean", double.MinValue, double.MaxValue), section.Number("deviation", 1e-9, double.MaxValue))
        {
            Name = name,
            Least = Bound("least"),
            Most = Bound("most"),
        };
        if (variable.Least > variable.Most)
            section.Problem("least", $"is {variable.Least}, above most, which is {variable.Most}.");
        return variable;

        double? Bound(string key) => section.Has(key) ? section.Number<double>(key, double.MinValue, double.MaxValue) : null;
    }

    /// <summary>Sets of variables that tasks take over by <c>${federation.variables.NAME}</c>; those that none takes over must be right, too.</summary>
    public static void CheckVariableSets(Section sets)
    {
        foreach (var (_, modality) in sets.Children().SelectMany(set => set.Section.Children()))
            Variables(modality);
    }
}
