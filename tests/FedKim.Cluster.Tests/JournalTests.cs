using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace FedKim.Cluster.Tests;

/// <summary>Real processes over journals that were lost, damaged, copied and brought back.</summary>
public sealed class JournalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_an_orderly_stop_the_file_alone_is_the_whole_journal()
    {
        await using var server = new ServerNode();
        await server.Start();
        await Submit(server);
        await server.Stop();

        Assert.False(File.Exists(Path.Combine(server.Work, "journal.db-wal")));
        File.Copy(Path.Combine(server.Work, "journal.db"), Path.Combine(server.Work, "copy.db"));
        await using var database = new SqliteConnection($"Data Source={Path.Combine(server.Work, "copy.db")};Pooling=False");
        database.Open();
        await using var count = database.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM journal WHERE manifest = 'f.submit'";
        Assert.Equal(1L, await count.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_server_starts_though_one_of_its_files_cannot_be_read()
    {
        await using var server = new ServerNode();
        await server.Start();
        await Submit(server);
        await server.Stop();
        // A socket is listed as a file is, and no account can open it.
        using var unreadable = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unreadable.Bind(new UnixDomainSocketEndPoint(Path.Combine(server.Work, "weights", new string('0', 64))));

        await server.Start();
        await server.Stop();
    }

    [Fact]
    public async Task A_journal_that_is_made_or_brought_back_by_hand_is_this_accounts_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        await using var server = new ServerNode();
        await FedKimProgram.RunAsync(Cancel, "journal", "init", server.File);
        AssertPrivate(server.Work);
        await server.Start();
        string copy = Path.Combine(Path.GetDirectoryName(server.File)!, "copy"), work = Path.Combine(Path.GetDirectoryName(server.File)!, "back");
        await FedKimProgram.RunAsync(Cancel, "backup", "--out", copy, "--node", server.Node);

        await FedKimProgram.RunAsync(Cancel, "restore", "--from", copy, "--work", work);

        AssertPrivate(work);
    }

    private static void AssertPrivate(string folder)
    {
        const UnixFileMode Others = (UnixFileMode)0b000_111_111;
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Prepend(new DirectoryInfo(folder)))
            Assert.True((entry.UnixFileMode & Others) == 0, $"{entry.Name} has {entry.UnixFileMode}");
    }

    [Fact]
    public async Task A_server_whose_journal_was_lost_says_so_and_goes_on_only_when_told_to()
    {
        await using var server = new ServerNode();
        await server.Start();
        await Submit(server);
        await server.Kill();
        foreach (string file in Directory.EnumerateFiles(server.Work, "journal.db*"))
            File.Delete(file);

        var (code, errors) = await server.StartAndEnd();
        Assert.Equal(3, code);
        Assert.Contains("epoch 1, federation rehearsal", errors);
        Assert.Contains("fedkim journal accept", errors);
        Assert.DoesNotContain("   at ", errors);

        await FedKimProgram.RunAsync(Cancel, "journal", "accept", server.File);
        await server.Start();
    }

    [Fact]
    public async Task A_server_whose_journal_is_damaged_ends_and_goes_on_once_it_is_repaired()
    {
        await using var server = new ServerNode();
        await server.Start();
        await Submit(server);
        await server.Stop();
        // Two servers that lead in turn leave the writers one, other, one.
        Change(server, Copy(1, to: 3, "'other'", "X'0A001002'"));
        Change(server, Copy(2, to: 4, "writer_uuid", "message"));

        var (code, errors) = await server.StartAndEnd();
        Assert.Equal(3, code);
        Assert.Contains("fedkim journal check", errors);
        Assert.DoesNotContain("   at ", errors);

        var repaired = JsonNode.Parse(await FedKimProgram.RunAsync(Cancel, "journal", "repair", server.File, "--json"))!;
        Assert.Equal(4, (int)Assert.Single(repaired["dropped"]!.AsArray())!["number"]!);
        Assert.True(File.Exists((string)repaired["copy"]!));
        await server.Start();

        // Event 1 of the server, the epoch's, in another's hand; event 2, the submission, again in the first's.
        static string Copy(int from, int to, string writer, string message) => $"""
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
            SELECT created, deleted, persistence_id, {to}, {message}, manifest, identifier, {writer} FROM journal WHERE sequence_number = {from}
            """;
    }

    [Fact]
    public async Task A_server_is_brought_back_from_a_backup_of_days_ago_and_the_result_is_the_same()
    {
        string[] rehearsal = ["--federation", RunningFederation.File("rehearsal.conf"), "--hospitals", "3", "--rounds", "3", "--seed", "5"];
        JsonNode expected;
        await using (var undisturbed = RunningFederation.Start(rehearsal))
            expected = await undisturbed.End();

        await using var federation = RunningFederation.Start(rehearsal);
        string copy = Path.Combine(federation.Work, "..", "copy");
        await federation.Await("round", "list", r => r["round"].ToString() == "2" && r["phase"].ToString() == "Training");
        var manifest = JsonNode.Parse(await FedKimProgram.RunAsync(Cancel, "backup", "--node", federation.Node, "--out", copy, "--json"))!;
        Assert.Equal(1, (int)manifest["from"]!["round"]!);
        Assert.Empty(manifest["missing"]!.AsArray());
        await federation.Await("round", "list", r => r["round"].ToString() == "3" && r["phase"].ToString() == "Training");

        await federation.WhileFrozen(async () =>
        {
            await federation.KillUncollected("server");
            foreach (string file in Directory.EnumerateFiles(federation.Work, "journal.db*"))
                File.Delete(file);
            foreach (string folder in (string[])["weights", "spool"])
                Directory.Delete(Path.Combine(federation.Work, "server", folder), recursive: true);
            await FedKimProgram.RunAsync(Cancel, "restore", "--from", copy, "--file", Path.Combine(federation.Work, "server.conf"));
        });
        var report = await federation.End();

        Assert.Equal(expected["result"]!.ToJsonString(), report["result"]!.ToJsonString());
    }

    private static Task<string> Submit(ServerNode server) => FedKimProgram.RunAsync(
        Cancel, "federation", "submit", RunningFederation.File("rehearsal.conf"), "--node", server.Node);

    private static void Change(ServerNode server, string statement)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(server.Work, "journal.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
