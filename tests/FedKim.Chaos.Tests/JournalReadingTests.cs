using FedKim.Chaos.Running;
using FedKim.Launch.Reports;
using Microsoft.Data.Sqlite;

namespace FedKim.Chaos.Tests;

/// <summary>A journal that cannot be read says nothing; it does not say that nothing happened.</summary>
public sealed class JournalReadingTests : IDisposable
{
    private static readonly Report Report = new()
    {
        Phase = "Failed",
        Rounds = [new() { Number = 1, Outcome = "committed" }, new() { Number = 2, Outcome = "failed" }],
        Evaluation = [],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-journal-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "journal.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_committed_round_whose_journal_cannot_be_read_is_named()
    {
        await File.WriteAllTextAsync(Path, "This is no database, though it is as long as the header of one, and longer: SQLite reads a hundred bytes.", TestContext.Current.CancellationToken);

        Assert.StartsWith("the journal of trial/1 cannot be read", Assert.Single(await UnreadableAsync(TimeSpan.Zero)));
    }

    [Fact]
    public async Task A_committed_round_of_which_the_journal_lacks_the_end_is_named()
    {
        Write("CREATE TABLE journal (persistence_id, sequence_number, manifest, created, message);", Event(1, "r.open"));

        Assert.StartsWith("the journal of trial/1 cannot be read", Assert.Single(await UnreadableAsync(TimeSpan.Zero)));
    }

    [Fact]
    public async Task A_journal_that_can_be_read_a_moment_later_is_waited_for()
    {
        var looking = UnreadableAsync(TimeSpan.FromMinutes(1));
        Write("CREATE TABLE journal (persistence_id, sequence_number, manifest, created, message);", Event(1, "r.open"), Event(2, "r.commit"));

        Assert.Empty(await looking);
    }

    [Fact]
    public async Task While_the_file_cannot_be_read_what_is_known_of_a_history_stays_and_an_earlier_file_takes_it_back()
    {
        Write("CREATE TABLE journal (persistence_id, sequence_number, manifest, created, message);", Event(1, "r.open"));
        await using var journal = new SqliteJournalFile(Path);
        journal.Copy();
        Write(Event(2, "r.train"));
        Assert.Equal(2, journal.Events("trial/1").Count);

        Write("ALTER TABLE journal RENAME TO away;");
        Assert.Equal(["r.open", "r.train"], journal.Events("trial/1").Select(e => e.Manifest));

        journal.PutBack();
        Assert.Equal("r.open", Assert.Single(journal.Events("trial/1")).Manifest);
    }

    private async Task<IReadOnlyList<string>> UnreadableAsync(TimeSpan within)
    {
        await using var journal = new SqliteJournalFile(Path);
        return (await WorkCounters.RoundsAsync(journal, "trial", 2, Report, within, TestContext.Current.CancellationToken)).Unreadable;
    }

    private static string Event(int number, string manifest) => $"INSERT INTO journal VALUES ('trial/1', {number}, '{manifest}', 0, x'');";

    private void Write(params string[] statements)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = string.Concat(statements);
        command.ExecuteNonQuery();
    }
}
