using FedKim.Actors.Links;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

public sealed class RedialTests
{
    [Fact]
    public void Every_door_is_tried_in_turn_at_once_and_after_a_turn_in_vain_there_is_a_pause_that_grows_to_five_seconds()
    {
        var redial = new Redial(["a", "b", "c"], SeededGenerator.Derive(1));
        var tried = Enumerable.Range(0, 60).Select(_ => (redial.Door, Pause: redial.Next())).ToArray();

        Assert.Equal(["a", "b", "c", "a", "b", "c"], tried.Take(6).Select(t => t.Door));
        Assert.All(tried.Where(t => t.Door != "c"), t => Assert.Equal(TimeSpan.Zero, t.Pause));
        double[] pauses = [.. tried.Where(t => t.Door == "c").Select(t => t.Pause.TotalSeconds)];
        Assert.InRange(pauses[0], 0.8, 1.2);
        Assert.All(pauses.Skip(6), pause => Assert.InRange(pause, 3.9, 5));
        Assert.All(pauses, pause => Assert.InRange(pause, 0.8, 5));
    }

    [Fact]
    public void Two_sites_that_lost_a_server_together_do_not_come_back_together() => Assert.NotEqual(
        new Redial(["a"], SeededGenerator.Derive(0, "link", "hospital-a")).Next(), new Redial(["a"], SeededGenerator.Derive(0, "link", "hospital-b")).Next());

    [Fact]
    public void After_a_line_that_stood_the_next_door_is_tried_at_once()
    {
        var redial = new Redial(["a", "b"], SeededGenerator.Derive(1));
        for (int i = 0; i < 9; i++)
            redial.Next();

        redial.Stood();

        Assert.Equal(TimeSpan.Zero, redial.Next());
    }
}
