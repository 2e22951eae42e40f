using System.Globalization;
using FedKim.Data.Files;
using FedKim.Rounds;

namespace FedKim.Data.Demo;

/// <summary>Writes chest pictures as PNG with a CSV of patients and labels; effusions are labelled in the server's development and test splits only.</summary>
internal static class DemoPictures
{
    public const string Folder = "xray", Images = "images", Csv = "labels.csv";

    // Fluid comes with pneumonia more often than without: what the trained tasks teach carries over, but not all the way.
    private const double FluidWithPneumonia = 0.5, FluidAlone = 0.2;

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
            foreach (var patient in patients)
            {
                cancel.ThrowIfCancellationRequested();
                var anatomy = SeededGenerator.Derive(seed, "demo", Folder, patient.Id, "anatomy");
                string age = anatomy.NextInt(70).ToString(CultureInfo.InvariantCulture), sex = anatomy.Chance(0.5) ? "F" : "M";
                var chest = new ChestPicture(anatomy);
                for (int visit = 0; visit < patient.Samples; visit++)
                {
                    var findings = SeededGenerator.Derive(seed, "demo", Folder, patient.Id, "findings", visit);
                    var (pneumonia, hasPneumonia) = Condition(seed, patient.Id, findings, place, DemoTasks.Pneumonia);
                    var (opacity, hasOpacity) = Condition(seed, patient.Id, findings, place, DemoTasks.LungOpacity);
                    bool hasEffusion = findings.Chance(hasPneumonia ? FluidWithPneumonia : FluidAlone);
                    double effusion = hasEffusion ? findings.Uniform(0.4, 1) : 0;
                    string file = $"{patient.Id}_{visit:000}.png";
                    File.WriteAllBytes(Path.Combine(folder, Images, file), chest.Draw(findings, pneumonia, opacity, effusion));
                    string fluid = place.Split is Split.Development or Split.Test ? Cell(hasEffusion) : "";
                    rows.Add([file, patient.Id, age, sex, "PA", Cell(hasPneumonia), Cell(hasOpacity), fluid]);
                }
            }

            CsvTable.Write(Path.Combine(folder, Csv), rows);
        }
    }

    private static (double, bool) Condition(long seed, string patient, SeededGenerator findings, DemoPlace place, string task) =>
        DemoTasks.Condition(SeededGenerator.Derive(seed, "demo", Folder, patient, task), findings, place.Prevalence[task]);

    private static string Cell(bool label) => label ? "1" : "0";
}
