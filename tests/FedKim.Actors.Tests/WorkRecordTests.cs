using FedKim.Actors.Hospital;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

public sealed class WorkRecordTests : IDisposable
{
    private static readonly RoundId First = new(new FederationId("demo"), 1);
    private static readonly RoundId Second = new(new FederationId("demo"), 2);
    private static readonly Digest Update = new(new string('a', 64));

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-record-").FullName;

    private string Rounds => Path.Combine(_folder, "rounds");

    [Fact]
    public void What_was_trained_and_sent_is_known_to_the_next_process()
    {
        var record = new WorkRecord(Rounds, TimeProvider.System);
        record.Trained(First, Update);
        record.Sent(First, Update, 10);
        record.Trained(Second, Update);

        var next = new WorkRecord(Rounds, TimeProvider.System);
        next.Trained(Second, Update);
        next.Sent(Second, Update, 7);
        next.Sent(Second, Update, 3);

        Assert.Equal(3, next.Trainings);
        Assert.True(next.Knows(First, Update));
        Assert.False(next.Knows(First, new Digest(new string('b', 64))));
        Assert.Equal([("demo/1", 1, 1, 1, 10L), ("demo/2", 2, 1, 2, 10L)], WorkRecord.Read(Rounds).Select(w => (w.Round, w.Trained, w.Updates, w.Sent, w.Bytes)));
    }

    [Fact]
    public void Half_a_line_that_a_killed_process_left_counts_as_none_and_spoils_no_other()
    {
        new WorkRecord(Rounds, TimeProvider.System).Trained(First, Update);
        File.AppendAllText($"{Rounds}.log", "17\ttrained\tde");

        new WorkRecord(Rounds, TimeProvider.System).Trained(Second, Update);

        Assert.Equal([("demo/1", 1), ("demo/2", 1)], WorkRecord.Read(Rounds).Select(w => (w.Round, w.Trained)));
    }

    [Fact]
    public void What_could_not_be_written_is_with_the_next_line()
    {
        string rounds = Path.Combine(_folder, "later", "rounds");
        var record = new WorkRecord(rounds, TimeProvider.System);
        Assert.ThrowsAny<IOException>(() => record.Trained(First, Update));
        Directory.CreateDirectory(Path.GetDirectoryName(rounds)!);

        record.Sent(First, Update, 10);

        Assert.Equal([(1, 1)], WorkRecord.Read(rounds).Select(w => (w.Trained, w.Sent)));
    }

    [Fact]
    public void A_site_that_never_worked_has_no_record() => Assert.Empty(WorkRecord.Read(Rounds));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
