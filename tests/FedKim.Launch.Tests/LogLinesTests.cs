using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Launch.Answers;
using FedKim.Testing;

namespace FedKim.Launch.Tests;

public sealed class LogLinesTests
{
    private const string Written =
        """
        {"@t":"2026-01-02T03:04:05.000Z","@mt":"Node {Site} starts as {Roles}, process {Pid}","Site":"server","Roles":"server","Pid":7}
        no line at all
        {"@t":"2026-01-02T03:04:06.000Z","@mt":"{Text:l}","@l":"Warning","Text":"hospital-a is silent"}

        """;

    [Fact]
    public async Task The_last_lines_of_the_latest_file_are_told_in_words()
    {
        using var folder = new TemporaryFolder();
        File.SetLastWriteTimeUtc(folder.Write("node.jsonl", """{"@t":"2026-01-01T00:00:00.000Z","@mt":"older"}"""), DateTime.UnixEpoch);
        folder.Write("node_001.jsonl", Written);

        var lines = await LogLines.LastAsync(folder.Path, 10, TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "2026-01-02T03:04:05.000Z | info | Node server starts as server, process 7",
                "2026-01-02T03:04:06.000Z | warning | hospital-a is silent",
            ],
            lines.Select(AnswerWriter.Text));
        Assert.Single(await LogLines.LastAsync(folder.Path, 1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_written_later_is_told_too_in_whichever_file_it_stands()
    {
        using var folder = new TemporaryFolder();
        File.SetLastWriteTimeUtc(folder.Write("node.jsonl", Written), DateTime.UnixEpoch);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var lines = LogLines.FollowAsync(folder.Path, 1, TimeProvider.System, patience.Token).GetAsyncEnumerator(patience.Token);

        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("hospital-a is silent", lines.Current["message"].ToString());
        folder.Write("node_001.jsonl", """{"@t":"2026-01-02T03:04:07.000Z","@mt":"later"}""" + "\n");
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("later", lines.Current["message"].ToString());
    }

    [Fact]
    public async Task A_node_without_a_log_says_so()
    {
        using var folder = new TemporaryFolder();
        var none = await Assert.ThrowsAsync<CommandException>(() => LogLines.LastAsync(folder.Path, 1, TestContext.Current.CancellationToken));
        Assert.Equal("This node has written no log.", none.Message);
    }
}
