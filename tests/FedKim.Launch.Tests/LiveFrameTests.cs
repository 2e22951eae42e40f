using System.Collections.Immutable;
using FedKim.Launch.Answers;
using FedKim.Launch.Progress;

namespace FedKim.Launch.Tests;

/// <summary>What a terminal shows of a run fits it, and is true.</summary>
public sealed class LiveFrameTests
{
    private static readonly ImmutableHashSet<string> Nobody = [];

    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    [InlineData(80, 10)]
    [InlineData(40, 24)]
    public void Every_frame_fits_its_terminal(int width, int height)
    {
        foreach (int sites in (int[])[0, 1, 5, 40])
        {
            foreach (int rounds in (int[])[0, 1, 3, 20])
            {
                var frame = new LiveFrame(width, height).Draw(Seen(sites, rounds), answered: false, Nobody, Enumerable.Repeat(new string('w', 30) + " and a long word to say " + new string('x', 100), 9));
                Assert.All(frame, line => Assert.True(line.Text.Length <= width, line.Text));
                Assert.True(frame.Length < height, $"{frame.Length} lines");
            }
        }
    }

    [Fact]
    public void Five_sites_and_three_rounds_are_whole_on_eighty_by_twenty_four()
    {
        string[] frame = Texts(new LiveFrame(80, 24).Draw(Seen(5, 3), answered: true, Nobody, ["hospital-a is here"]));
        Assert.Equal("demo  training  1 of 3 rounds committed", frame[0]);
        Assert.Equal(3, frame.Count(line => line.Contains("5 of 5", StringComparison.Ordinal)));
        Assert.Equal(5, frame.Count(line => line.StartsWith("hospital-", StringComparison.Ordinal) && line.EndsWith("invited", StringComparison.Ordinal)));
        Assert.Contains(frame, line => line.StartsWith("injector", StringComparison.Ordinal));
        Assert.Contains("hospital-a is here", frame);
        Assert.DoesNotContain(frame, line => line.Contains('…', StringComparison.Ordinal));
    }

    [Fact]
    public void Who_was_never_there_is_starting_and_who_was_is_silent()
    {
        var absent = Seen(2, 1) with { Clients = [.. Seen(2, 1).Clients.Select(c => c with { Present = false })] };
        string[] frame = Texts(new LiveFrame(80, 24).Draw(absent, answered: true, Nobody.Add("hospital-a"), []));
        Assert.Contains(frame, line => line.StartsWith("hospital-a  silent", StringComparison.Ordinal));
        Assert.Contains(frame, line => line.StartsWith("hospital-b  starting", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_done_and_what_is_left_differ_without_colours()
    {
        string line = Texts(new LiveFrame(80, 24).Draw(Seen(1, 1), answered: true, Nobody, [])).Single(l => l.StartsWith("hospital-a", StringComparison.Ordinal));
        Assert.Equal(line.Count(c => c == '━'), line.Count(c => c == '┄'));
        Assert.Contains("50 of 100", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_frame_says_no_more_of_sites_that_have_ended_nor_of_a_server_that_need_not_answer()
    {
        var ended = Seen(3, 3) with { Federation = new FederationStatus("demo", "Completed", 3, 3, 0, "") };
        string[] frame = Texts(new LiveFrame(80, 24).Draw(ended, answered: false, Nobody, []));
        Assert.Equal("demo  completed  3 of 3 rounds committed", frame[0]);
        Assert.DoesNotContain(frame, line => line.Contains("hospital", StringComparison.Ordinal) || line.Contains("answer", StringComparison.Ordinal));
    }

    private static string[] Texts(IEnumerable<FrameLine> frame) => [.. frame.Select(line => line.Text)];

    private static Snapshot Seen(int sites, int rounds) => new(
        new FederationStatus("demo", "Training", 3, 1, rounds, ""),
        [.. Enumerable.Range(1, rounds).Select(n => new RoundStatus(n, n == rounds ? "Training" : "Committed", 5, 0, 5, 12_300, ""))],
        [.. Enumerable.Range(0, sites).Select(n => new ClientStatus($"hospital-{(char)('a' + (n % 26))}", true, "invited", "training", "2", 50, 100, 0.4123, n == 39 ? "no room on its disk" : ""))],
        new InjectorReply(true, "injecting", "", 3 << 20, 9 << 20, double.NaN, ""));
}
