using System.Collections.Immutable;
using System.Reflection;

namespace FedKim.Rounds;

/// <summary>All that a hospital or the injector may say of why it cannot work. Closed: what is not here is <see cref="Other"/>.</summary>
public static class SiteSentences
{
    /// <summary>Whatever has no sentence of its own.</summary>
    public static readonly SiteSentence Other = new("a fault that has no sentence of its own; the full text is in the log of the site's node");

    // The site's own word.
    public static readonly SiteSentence RefusesPlan = new("its site refused this plan");
    public static readonly SiteSentence AwaitsWord = new("waits for its site's word on this plan");

    // Data.
    public static readonly SiteSentence Data = new("task {name}: its data cannot be used; the site's own log says which file, and what is wrong with it");
    public static readonly SiteSentence SomeData = new("its data cannot be used; the site's own log says which file, and what is wrong with it");
    public static readonly SiteSentence NoData = new("the site has no data of any training task of this plan");
    public static readonly SiteSentence NoSplit = new("task {name} has no data for {split}. Put that split into the injector's data folder, or take the task out of the federation file");
    public static readonly SiteSentence NoPlaceForQuestions = new("task {name} asks about each sample on its own. Say in its prompt where the question stands");
    public static readonly SiteSentence NoQuestion = new("task {name}: a sample brings no question for the place in the prompt. Write out what is asked about all");
    public static readonly SiteSentence NoAnswer = new("task {name}: a sample has no answer in words to compare a generated one with. Answer the task by yes-no");
    public static readonly SiteSentence NoModality = new("task {name}: a sample has no {name}; the site's own log says which");
    public static readonly SiteSentence OtherShape = new("task {name}: the {name} of a sample does not have the shape that it should; the site's own log says which");

    // The plan, and the models that come with it.
    public static readonly SiteSentence PlanUnreadable = new("the learning plan cannot be read by this node, which may run another version of FedKim");
    public static readonly SiteSentence PlanUnfit = new("the learning plan contradicts itself for this node, which may run another version of FedKim or lack a package; its own log says where");
    public static readonly SiteSentence UnknownName = new("this node knows no {what} {name}. If a package of your own adds it, name its file in fedkim.extensions of this node's file; else correct the name");
    public static readonly SiteSentence ModelUnfit = new("the model it was given does not fit the plan as this node knows it, at parameter {tensor}. Its node may run another version of FedKim; its own log says what differs");
    public static readonly SiteSentence ModelUnreadable = new("the model it was given cannot be read; its own log says what is wrong with it");
    public static readonly SiteSentence Checkpoint = new("the checkpoint of encoder {name} has other sizes than the plan; the injector's own log says which");
    public static readonly SiteSentence NamedModel = new("a model that the plan names cannot be used by this node; its own log says which file, and what is wrong with it");
    public static readonly SiteSentence StartMissing = new("the folder of start-from is not at the injector, or is no exported model: it must hold encoders.safetensors, decoders.safetensors or both, and adapters.safetensors");
    public static readonly SiteSentence StartChanged = new("a file in the folder of start-from is not the one that its report.json names. Export it again");
    public static readonly SiteSentence StartUnreadable = new("the model named by start-from cannot be read; the injector's own log says what is wrong with it");
    public static readonly SiteSentence StartUnfit = new("the model named by start-from does not fit this plan, at {tensor}. Start from a federation with the same encoders, tasks and adapters");

    // The work.
    public static readonly SiteSentence LossPoisoned = new("the loss of task {name} became NaN or infinite in step {number}, and again from the last checkpoint on. Lower the learning rate in the federation file, or check the site's values");
    public static readonly SiteSentence ParametersPoisoned = new("parameters became NaN or infinite by step {number}, and again from the last checkpoint on. Lower the learning rate in the federation file, or check the site's values");
    public static readonly SiteSentence StepBroke = new("step {number} broke, and again from the last checkpoint on; the node's own log says how");
    public static readonly SiteSentence NoMemory = new("step {number} does not fit the node's memory. Lower the batch size, or free the device's memory");
    public static readonly SiteSentence NoMemoryForOne = new("a step does not fit the memory, not even one sample at a time. Set injection.activation-checkpointing = on in the federation file, lower injection.experts or rank, or give the injector more memory");
    public static readonly SiteSentence Device = new("the node's device or its runtime cannot compute this; its own log says why");
    public static readonly SiteSentence MetricBroke = new("a metric of a package broke at task {name}; the injector's own log says which");
    public static readonly SiteSentence NotCounted = new("its update does not count; the record of the round says why");

    // The way to the server.
    public static readonly SiteSentence Unreachable = new("{address} cannot be reached ({cause}); it is tried again");
    public static readonly SiteSentence GaveUp = new("{address} cannot be reached ({cause}): {number} attempts without progress; it is tried again");
    public static readonly SiteSentence Crowded = new("others keep sending the same to {address}; it is tried again");
    public static readonly SiteSentence Answered = new("{address} answered {number}; the site's own log has its words");
    public static readonly SiteSentence Changed = new("what travels between this node and {address} arrives changed, twice: the bytes change on the way");

    // The node's own files: the words of those who find them out.
    public static readonly SiteSentence NoSpace = new("No space left in {place}; goes on when there is");
    public static readonly SiteSentence NoQuota = new("The quota is used up in {place}; goes on when there is room");
    public static readonly SiteSentence ReadOnly = new("{Place} can only be read; goes on when it can be written");
    public static readonly SiteSentence NoRights = new("{Place} may not be read or written by the node's account; goes on when it may");
    public static readonly SiteSentence Missing = new("Something is missing in {place}; goes on when it is made anew");
    public static readonly SiteSentence TooManyOpen = new("Too many files are open to use {place}; goes on when some are closed");
    public static readonly SiteSentence DiskFails = new("The disk of {place} fails; goes on when it works");
    public static readonly SiteSentence Unusable = new("{Place} cannot be used; goes on when it can");

    /// <summary>Every one of them.</summary>
    public static ImmutableArray<SiteSentence> All { get; } =
        [.. typeof(SiteSentences).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<SiteSentence>()];
}
