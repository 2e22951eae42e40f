using FedKim.Actors.Journals;
using FedKim.Chaos.Running;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Testing;
using Npgsql;

namespace FedKim.Chaos.Tests;

/// <summary>A run whose journal is a database does not take what another run stored there for its own.</summary>
public sealed class UsedDatabaseTests
{
    [Fact]
    public async Task A_new_run_is_prepared_over_an_empty_database_and_over_no_other()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        await using var server = new PostgresServer();
        string connection = $"{await server.NewDatabaseAsync()};Pooling=false";
        using var folder = new TemporaryFolder();
        UpOptions Run(string name) => new()
        {
            Federation = Path.Combine(AppContext.BaseDirectory, "federations", "rehearsal.conf"),
            Work = Path.Combine(folder.Path, name),
            Journal = new RunJournal("postgres", connection),
        };

        RunSetup.Prepare(Run("first"), folder.Path, _ => { }, TestContext.Current.CancellationToken).Dispose();
        await JournalSchema.CreateAsync(Journal.Postgres(connection), TestContext.Current.CancellationToken);
        RunSetup.Prepare(Run("second"), folder.Path, _ => { }, TestContext.Current.CancellationToken).Dispose();
        await StoreAsync(connection);

        var refused = Assert.Throws<InvalidConfigurationException>(() => RunSetup.Prepare(Run("third"), folder.Path, _ => { }, TestContext.Current.CancellationToken));
        Assert.Contains("holds the journal of another run", refused.Message, StringComparison.Ordinal);
        // A run that is taken up again finds what is its own.
        RunSetup.Prepare(Run("first") with { Federation = null }, folder.Path, _ => { }, TestContext.Current.CancellationToken).Dispose();
    }

    private static async Task StoreAsync(string connection)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = database.CreateCommand();
        command.CommandText = "INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid) "
            + "VALUES (0, false, 'federation', 1, '', 'f.lead', 1, '')";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
