using FedKim.Protocol.Messages;

namespace FedKim.Protocol.Tests;

/// <summary>Counts as a site sends them, which may be anything that the wire can carry.</summary>
public sealed class TaskSamplesTests
{
    [Fact]
    public void Samples_of_no_task_are_no_counts()
    {
        Assert.Throws<ArgumentException>(() => TaskSamples.Counts(null));
        Assert.Throws<ArgumentException>(() => TaskSamples.Counts([null]));
        Assert.Throws<ArgumentException>(() => TaskSamples.Counts([new TaskSamples(null!, 1)]));
        Assert.Throws<ArgumentException>(() => TaskSamples.Counts([new TaskSamples("xray", 1), new TaskSamples("xray", 2)]));
    }
}
