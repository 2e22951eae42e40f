using System.Text;
using FedKim.Certificates;
using FedKim.Node.Cli.Join;

namespace FedKim.Node.Tests;

/// <summary>What joining makes of clocks and answers.</summary>
public sealed class JoinWordsTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, "agrees with that of server", false)]
    [InlineData(1, 0, "agrees with that of server", false)]
    [InlineData(-8, 10, "agrees with that of server", false)]
    [InlineData(20, 0, "is 19 s ahead of that of server", false)]
    [InlineData(-20, 0, "is 20 s behind that of server", false)]
    [InlineData(45, 1, "is 45 s ahead of that of server", true)]
    [InlineData(-600, 1, "is 10 minutes behind that of server", true)]
    [InlineData(900_000, 1, "is 10 days ahead of that of server", true)]
    public void A_clock_is_off_by_what_the_way_there_and_back_does_not_explain(int seconds, int took, string found, bool doubtful)
    {
        var asked = Noon.AddSeconds(seconds);
        var finding = ClockCheck.Of("server", Noon, asked, asked.AddSeconds(took));
        Assert.StartsWith($"this machine's clock {found}", finding.Found, StringComparison.Ordinal);
        Assert.Equal(doubtful, finding.IsDoubtful);
    }

    [Theory]
    [InlineData(10, 365 * 24 * 60, "behind this one by more than 10 minutes")]
    [InlineData(200 * 24 * 60, 165 * 24 * 60, "ahead of this one by more than 165 days")]
    [InlineData(300 * 24 * 60, 5, "ahead of this one by more than 5 minutes")]
    public void A_refusal_is_a_revocation_or_a_clock_that_is_off_by_more_than_the_certificate_bears(int since, int left, string clock)
    {
        var certificate = new ShownCertificate("hospital-a", "clinics", Noon.AddMinutes(-since), Noon.AddMinutes(left), "", null, []);
        string why = DoorTry.WhyRefused(certificate, Noon.AddDays(-1), Noon);
        Assert.Contains("revoked after the list of 2029-12-31 12:00:00Z was made", why, StringComparison.Ordinal);
        Assert.Contains(clock, why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_answer_only_its_head_is_taken()
    {
        using var answer = Text("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nDate: Tue, 01 Jan 2030 12:00:00 GMT\r\n\r\nno");
        Assert.Equal(new AnswerHead(404, Noon), await Read(answer));
        Assert.Equal("no".Length, answer.Length - answer.Position);
        Assert.Equal(new AnswerHead(200, null), await Read(Text("HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n")));
    }

    [Fact]
    public async Task An_answer_without_end_ends_where_a_head_must_have_ended()
    {
        using var answer = Text("HTTP/1.1 200 OK\r\nX: " + new string('a', 1_000_000));
        Assert.Null(await Read(answer));
        Assert.Equal(16 * 1024, answer.Position);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    [InlineData("HTTP/1.1 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200")]
    public async Task What_is_no_answer_is_none(string said) => Assert.Null(await Read(Text(said)));

    [Fact]
    public async Task A_line_that_ends_unsaid_is_an_error() => await Assert.ThrowsAsync<EndOfStreamException>(() => Read(Text("")));

    private static MemoryStream Text(string text) => new(Encoding.ASCII.GetBytes(text));

    private static Task<AnswerHead?> Read(Stream line) => AnswerHead.ReadAsync(line, TestContext.Current.CancellationToken);
}
