using FedKim.Launch.Answers;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Tests;

public sealed class RoundDifferenceTests
{
    [Fact]
    public void Two_rounds_stand_side_by_side_with_what_only_one_of_them_has()
    {
        var first = Round(1, "x", new AcceptedView("a", "d1", 10, 0.5), new AcceptedView("b", "d2", 20, double.NaN));
        var second = Round(2, "x", new AcceptedView("a", "d3", 10, 0.25)) with { Dropped = [new DroppedView("b", "too late")] };

        var rows = RoundDifference.Rows(first, second).ToDictionary(r => r["what"].ToString()!, r => $"{r["a"]} {r["b"]} {r["same"]}", StringComparer.Ordinal);

        Assert.Equal("10 10 yes", rows["samples a"]);
        Assert.Equal("20 - no", rows["samples b"]);
        Assert.Equal("0.5 0.25 no", rows["loss a"]);
        Assert.Equal("d1 d3 no", rows["update a"]);
        Assert.Equal("- too late no", rows["dropped b"]);
        Assert.Equal("x x yes", rows["aggregate"]);
        Assert.Equal("7 7 yes", rows["milliseconds Training"]);
    }

    private static RoundView Round(int number, string aggregate, params AcceptedView[] accepted) => new(
        number, "Committed", "", ["a", "b"], accepted.Length, 0, 1, accepted, [], [], aggregate, "g", "h", double.NaN, 0, [new PhaseTime("Training", 7)]);
}
