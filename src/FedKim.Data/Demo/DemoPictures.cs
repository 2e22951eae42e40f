using System.Globalization;
using FedKim.Data.Files;
using FedKim.Rounds;

namespace FedKim.Data.Demo;

/// <summary>Writes chest pictures as PNG with a CSV of patients and labels; effusions are labelled in the server's development and test splits only.</summary>
internal static class DemoPictures
{
    public const string Folder = "xray", Images = "images", Csv = "labels.csv";

    // Where nobody labels it, fluid comes with pneumonia more often than without. Where it is measured, so does it as far as its ties say.
    private const double FluidWithPneumonia = 0.5, FluidAlone = 0.2, FluidMeasured = 0.29, LeastFluid = 0.4;

    public static void Write(string root, DemoPlaces places, int total, long seed, CancellationToken cancel)
    {
        foreach (var (place, patients) in places.Deal(Folder, 1001, total, notAtTheLastSite: false))
        {
            string folder = Path.Combine(root, place.Folder, Folder);
            Directory.CreateDirectory(Path.Combine(folder, Images));
            List<string[]> rows =
            [
                ["file", "patient", "age", "sex", "view", DemoTasks.Pneumonia, DemoTasks.LungOpacity, DemoTasks.PleuralEffusion],
            ];
            bool measured = place.Split is Split.Development or Split.Test;
            List<Visit> visits = [.. patients.SelectMany(patient => Visits(seed, place, patient))];
            foreach (var visit in measured ? Tied(visits, seed, place) : visits)
            {
                cancel.ThrowIfCancellationRequested();
                File.WriteAllBytes(Path.Combine(folder, Images, visit.File), visit.Chest.Draw(visit.Findings, visit.Pneumonia.Severity, visit.Opacity.Severity, visit.Fluid));
                string fluid = measured ? Cell(visit.Fluid > 0) : "";
                rows.Add([visit.File, visit.Patient, visit.Age, visit.Sex, "PA", Cell(visit.Pneumonia.Label), Cell(visit.Opacity.Label), fluid]);
            }

            CsvTable.Write(Path.Combine(folder, Csv), rows);
        }
    }

    private static IEnumerable<Visit> Visits(long seed, DemoPlace place, DemoPatient patient)
    {
        var anatomy = SeededGenerator.Derive(seed, "demo", Folder, patient.Id, "anatomy");
        string age = anatomy.NextInt(70).ToString(CultureInfo.InvariantCulture), sex = anatomy.Chance(0.5) ? "F" : "M";
        var chest = new ChestPicture(anatomy);
        for (int visit = 0; visit < patient.Samples; visit++)
        {
            var findings = SeededGenerator.Derive(seed, "demo", Folder, patient.Id, "findings", visit);
            var pneumonia = Condition(seed, patient.Id, findings, place, DemoTasks.Pneumonia);
            var opacity = Condition(seed, patient.Id, findings, place, DemoTasks.LungOpacity);
            double fluid = findings.Chance(pneumonia.Label ? FluidWithPneumonia : FluidAlone) ? findings.Uniform(LeastFluid, 1) : 0;
            yield return new Visit(patient.Id, age, sex, $"{patient.Id}_{visit:000}.png", chest, findings, pneumonia, opacity, fluid);
        }
    }

    private static IEnumerable<Visit> Tied(List<Visit> visits, long seed, DemoPlace place)
    {
        var chance = SeededGenerator.Derive(seed, "demo", Folder, place.Folder, DemoTasks.PleuralEffusion);
        bool[] has = DemoTies.Hold(
            DemoTies.Of(DemoTasks.PleuralEffusion, DemoTasks.Pneumonia), FluidMeasured,
            [.. visits.Select(visit => (visit.Fluid > 0, visit.Pneumonia.Label, visit.Opacity.Label))], chance);
        return visits.Zip(has, (visit, wanted) => wanted == visit.Fluid > 0 ? visit : visit with { Fluid = wanted ? chance.Uniform(LeastFluid, 1) : 0 });
    }

    private static (double Severity, bool Label) Condition(long seed, string patient, SeededGenerator findings, DemoPlace place, string task) =>
        DemoTasks.Condition(SeededGenerator.Derive(seed, "demo", Folder, patient, task), findings, place.Prevalence[task]);

    private static string Cell(bool label) => label ? "1" : "0";

    // One picture before it is drawn. Findings have drawn what the patient has, and go on to draw the rest.
    private sealed record Visit(
        string Patient, string Age, string Sex, string File, ChestPicture Chest, SeededGenerator Findings,
        (double Severity, bool Label) Pneumonia, (double Severity, bool Label) Opacity, double Fluid);
}
