using FedKim.Launch.Machine;

namespace FedKim.Launch.Tests;

public sealed class PortsTests
{
    [Fact]
    public void Rows_that_are_asked_for_before_they_are_used_share_no_port()
    {
        int[] counts = [9, 7, 16, 1, 9, 7];
        int[] taken = [.. counts.SelectMany(count => Enumerable.Range(Ports.FreeRow(count), count))];
        Assert.Equal(taken.Length, taken.Distinct().Count());
    }
}
