namespace FedKim.Cluster.Tests;

/// <summary>Real processes that end and come back: who begins a cluster, who finds it, and who may write a journal.</summary>
public sealed class MembershipTests
{
    // By this seed both hospitals draw nearly the whole stagger: they train long enough to be left alone, and the injector has none of it.
    private const string Federation = """
        federation {
          name = rehearsal
          seed = 128
          rounds = 1
          clients = [hospital-a, hospital-b]
          quorum = 2
          deadline = 10 minutes
          strategy = fedavg
          weighting = samples
          method = rehearsal
          rehearsal { mebibytes = 1, milliseconds = 1000, stagger = 25000 }
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_an_orderly_end_of_server_and_injector_the_hospitals_find_them_again_and_make_no_step_twice(bool together)
    {
        await using var nodes = new RunningNodes();
        var ports = nodes.Ports;
        string seeds = $"cluster.seeds = [\"127.0.0.1:{ports[0]}\", \"127.0.0.1:{ports[1]}\"]";
        await File.WriteAllTextAsync(nodes.PathOf("federation.conf"), Federation, TestContext.Current.CancellationToken);
        nodes.Write("server", together ? "server, injector" : "server", ports[0], ports[4], $"{seeds}, weights.port = {ports[8]}, server.federation = \"federation.conf\"");
        nodes.Write("injector", "injector", ports[1], ports[5], seeds);
        string[] coordinators = together ? ["server"] : ["server", "injector"], hospitals = ["hospital-a", "hospital-b"];
        for (int i = 0; i < hospitals.Length; i++)
            nodes.Write(hospitals[i], "hospital", ports[2 + i], ports[6 + i], seeds);
        foreach (string site in coordinators.Concat(hospitals))
            nodes.Start(site);
        foreach (string site in hospitals)
            await nodes.Prints(site, "starts from model");

        foreach (string site in coordinators)
            await nodes.Terminate(site);
        // They leave their cluster, in which there is no server, and look for another.
        foreach (string site in hospitals)
            await nodes.Prints(site, "There is no server left");
        foreach (string site in coordinators)
            nodes.Start(site);
        await nodes.Answers(ports[4], "round", "list", rounds => rounds.Any(r => r["phase"].ToString() == "Committed"));

        foreach (string site in hospitals)
        {
            string output = nodes.Output(site);
            Assert.Equal(2, output.Split("starts from model").Length);
            Assert.Equal(2, output.Split("has trained").Length);
        }
    }

    [Fact]
    public async Task A_second_server_over_the_same_journal_ends_and_names_the_first_one()
    {
        await using var nodes = new RunningNodes();
        var ports = nodes.Ports;
        string journal = $"journal.file = \"{nodes.PathOf("shared.db")}\"";
        nodes.Write("server", "server", ports[0], ports[1], $"cluster.seeds = [\"127.0.0.1:{ports[0]}\"], weights.port = {ports[2]}, {journal}");
        nodes.Write("second", "server", ports[3], ports[4], $"cluster.seeds = [\"127.0.0.1:{ports[3]}\"], weights.port = {ports[5]}, {journal}");
        nodes.Start("server");
        await nodes.Prints("server", "coordinates, in epoch 1");

        nodes.Start("second");

        Assert.Equal(3, await nodes.Ends("second"));
        Assert.Contains($"server at 127.0.0.1:{ports[0]} (process ", nodes.Output("second"));
    }

    [Fact]
    public async Task Of_two_servers_that_keep_a_journal_each_the_later_one_ends_and_the_first_one_stays()
    {
        await using var nodes = new RunningNodes();
        var ports = nodes.Ports;
        string seeds = $"cluster.seeds = [\"127.0.0.1:{ports[0]}\"]";
        nodes.Write("server", "server", ports[0], ports[1], $"{seeds}, weights.port = {ports[2]}");
        nodes.Write("second", "server", ports[3], ports[4], $"{seeds}, weights.port = {ports[5]}");
        nodes.Start("server");
        await nodes.Prints("server", "coordinates, in epoch 1");

        nodes.Start("second");

        Assert.Equal(3, await nodes.Ends("second"));
        Assert.Contains($"127.0.0.1:{ports[0]} was a server of this cluster before", nodes.Output("second"));
        Assert.Contains($"127.0.0.1:{ports[3]} is a second server of this cluster", nodes.Output("server"));
        await nodes.Answers(ports[1], "cluster", "show", members => members.Count == 1);
    }

    [Fact]
    public async Task A_server_that_was_killed_takes_its_own_lease_back_at_once_and_in_a_copy_of_its_folder_does_not()
    {
        await using var nodes = new RunningNodes();
        var ports = nodes.Ports;
        string rest = $"cluster.seeds = [\"127.0.0.1:{ports[0]}\"], weights.port = {ports[2]}, journal.file = \"{nodes.PathOf("shared.db")}\"";
        nodes.Write("server", "server", ports[0], ports[1], rest);
        nodes.Start("server");
        await nodes.Prints("server", "coordinates, in epoch 1");
        await nodes.Kill("server");
        nodes.Start("server");
        await nodes.Prints("server", "coordinates, in epoch 2");

        // The same node by its name and by what its folder holds, in another folder.
        Directory.CreateDirectory(nodes.PathOf("copy"));
        File.Copy(nodes.PathOf("server/server.id"), nodes.PathOf("copy/server.id"));
        nodes.Write("copy", "server", ports[3], ports[4], $"cluster.seeds = [\"127.0.0.1:{ports[3]}\"], weights.port = {ports[5]}, journal.file = \"{nodes.PathOf("shared.db")}\"");
        string file = nodes.PathOf("copy.conf");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace("site = \"copy\"", "site = \"server\""), TestContext.Current.CancellationToken);
        nodes.Start("copy");

        Assert.Equal(3, await nodes.Ends("copy"));
    }

    [Fact]
    public async Task A_site_that_looks_for_the_server_under_another_name_is_told_on_both_sides_what_to_write()
    {
        await using var nodes = new RunningNodes();
        var ports = nodes.Ports;
        nodes.Write("server", "server", ports[0], ports[1], $"cluster.seeds = [\"127.0.0.1:{ports[0]}\"], weights.port = {ports[2]}");
        nodes.Write("hospital-a", "hospital", ports[3], ports[4], $"cluster.seeds = [\"localhost:{ports[0]}\"]");
        nodes.Start("server");
        await nodes.Prints("server", "coordinates, in epoch 1");

        nodes.Start("hospital-a");

        await nodes.Prints("hospital-a", $"names localhost:{ports[0]}, and that node calls itself 127.0.0.1:{ports[0]}");
        await nodes.Prints("server", $"hospital-a looks for this node as localhost:{ports[0]}");
        await nodes.Answers(ports[1], "cluster", "show", members => members.Count == 2);
    }
}
