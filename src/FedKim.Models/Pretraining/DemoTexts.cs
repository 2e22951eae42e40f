using System.Collections.Immutable;

namespace FedKim.Models.Pretraining;

/// <summary>The words of one of the demo's tasks.</summary>
/// <param name="Name">Name of the task.</param>
/// <param name="Prompt">The question put to the foundation model.</param>
/// <param name="TaskDescription">What the router reads of the task.</param>
/// <param name="ModalityDescription">What the router reads of its modalities.</param>
/// <param name="Finding">What is asked for, as a phrase with which a report speaks of it.</param>
public sealed record DemoTask(string Name, string Prompt, string TaskDescription, string ModalityDescription, string Finding);

/// <summary>All words of the demo: its tasks as the federation file quotes them, and what the demo's foundation model was pre-trained on besides.</summary>
public static class DemoTexts
{
    /// <summary>The negative and the positive answer, in this order.</summary>
    public static readonly ImmutableArray<string> Answers = ["Answer: No", "Answer: Yes"];

    private const string Image = "Image only";
    private const string Signal = "ECG only";
    private const string Clinical = "Clinical features only, including lab events and vital signs.";

    /// <summary>The demo's tasks: four to train, two zero-shot.</summary>
    public static readonly ImmutableArray<DemoTask> Tasks =
    [
        new("pneumonia", "Based on this chest X-ray, does the patient have pneumonia?",
            "Pneumonia detection: decide from a chest X-ray whether the lungs are inflamed by an infection.", Image, "pneumonia"),
        new("lung-opacity", "Based on this chest X-ray, is there lung opacity?",
            "Lung opacity detection: decide from a chest X-ray whether part of a lung is denser than it should be.", Image, "lung opacity"),
        new("ecg-abnormal", "Is the given ECG abnormal?",
            "ECG abnormal detection: decide from a recording of twelve leads whether the heart departs from a normal rhythm.", Signal, "an abnormal ECG"),
        new("mortality", "Based on these clinical features, will mortality occur in this patient?",
            "Mortality prediction: decide from the first day of intensive care whether the patient will die in hospital.", Clinical, "mortality"),
        new("pleural-effusion", "Based on this chest X-ray, is there pleural effusion?",
            "Pleural effusion detection: decide from a chest X-ray whether fluid stands between lung and chest wall.", Image, "pleural effusion"),
        new("ectopic-beats", "Does the given ECG show ectopic beats?",
            "Ectopic beats detection: decide from a recording of twelve leads whether beats start in the wrong place or too early.", Signal, "ectopic beats"),
    ];

    /// <summary>Further findings, so that the model reads questions and does not only know six of them.</summary>
    internal static readonly ImmutableArray<(string Finding, string Modality)> Findings =
    [
        ("pneumonia", Image), ("lung opacity", Image), ("pleural effusion", Image), ("atelectasis", Image), ("cardiomegaly", Image), ("edema", Image),
        ("ectopic beats", Signal), ("an arrhythmia", Signal), ("noise", Signal), ("an abnormal ECG", Signal), ("mortality", Clinical), ("sepsis", Clinical),
    ];

    /// <summary>Questions by modality; {0} is the finding.</summary>
    internal static readonly ImmutableSortedDictionary<string, ImmutableArray<string>> Questions = new Dictionary<string, ImmutableArray<string>>
    {
        [Image] = ["Based on this chest X-ray, is there {0}?", "Based on this chest X-ray, does the patient have {0}?", "Does the image show {0}?"],
        [Signal] = ["Does the given ECG show {0}?", "Based on this ECG, is there {0}?"],
        [Clinical] = ["Based on these clinical features, will {0} occur in this patient?", "Do the clinical features show {0}?"],
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>What a report says for and against a finding, {0}.</summary>
    internal static readonly ImmutableArray<(string For, string Against)> Statements =
    [
        ("There is {0}.", "There is no {0}."),
        ("The report shows {0}.", "The report does not show {0}."),
        ("Signs of {0} are present.", "Signs of {0} are absent."),
    ];

    /// <summary>What a report says for and against whatever is asked.</summary>
    internal static readonly ImmutableArray<(string For, string Against)> Summaries =
    [
        ("The result is positive.", "The result is negative."),
        ("This is abnormal.", "This is normal."),
        ("Signs are present.", "Signs are absent."),
        ("Yes.", "No."),
    ];

    /// <summary>Sentences that answer nothing.</summary>
    internal static readonly ImmutableArray<string> Remarks =
    [
        "The patient was seen in the hospital.", "The heart and the lungs were examined.", "The recording has twelve leads.", "The image was taken today.",
        "Heart rate and blood pressure were measured.", "Lab events are given for the first day.", "The report was written by a doctor.",
    ];
}
