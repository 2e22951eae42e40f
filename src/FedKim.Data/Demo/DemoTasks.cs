using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Data.Demo;

/// <summary>The demonstration's tasks by name, and how sick its patients are.</summary>
internal static class DemoTasks
{
    public const string Pneumonia = "pneumonia", LungOpacity = "lung-opacity", EcgAbnormal = "ecg-abnormal", Mortality = "mortality";
    public const string PleuralEffusion = "pleural-effusion", EctopicBeats = "ectopic-beats";

    /// <summary>The tasks that hospitals train.</summary>
    public static readonly ImmutableArray<string> Trained = [Pneumonia, LungOpacity, EcgAbnormal, Mortality];

    // Doctors err: the recorded label is the other one this often, which keeps the best possible AUROC near 0.95.
    private const double LabelNoise = 0.03;

    // A patient's visits mostly, not always, find the same condition.
    private const double ChangeOfCondition = 0.08;

    private const double Threshold = 0.25, Subclinical = 0.3;

    /// <summary>Draws a sample's condition.</summary>
    /// <param name="patient">Draws that all samples of the patient share.</param>
    /// <param name="visit">Draws of this sample.</param>
    /// <returns>Severity 0 to 1, and the label as recorded: severity above a threshold, apart from noise.</returns>
    public static (double Severity, bool Label) Condition(SeededGenerator patient, SeededGenerator visit, double prevalence)
    {
        bool sick = patient.Chance(prevalence) ^ visit.Chance(ChangeOfCondition);
        double severity = sick ? visit.Uniform(Threshold, 1) : visit.Chance(Subclinical) ? visit.Uniform(0, Threshold) : 0;
        return (severity, sick ^ visit.Chance(LabelNoise));
    }
}
