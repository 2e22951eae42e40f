using System.Text.Json.Nodes;
using FedKim.Launch.Supervision;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Cluster.Tests;

/// <summary>Results stay until a person removes them, and a round that failed is tried again.</summary>
public sealed class ResultTests
{
    [Fact]
    public async Task Each_of_three_federations_is_shown_reported_and_exported_and_a_fourth_starts_from_the_firsts_model()
    {
        await using var cluster = RunningFederation.StartAndStay(
            "--federation", RunningFederation.File("rehearsal.conf"), "--hospitals", "3", "--rounds", "1", "--seed", "5");
        await Completed(cluster, "rehearsal");
        foreach (string name in (string[])["second", "third"])
        {
            await Submit(cluster, name);
            await Completed(cluster, name);
        }

        string[] names = ["rehearsal", "second", "third"];
        foreach (string name in names)
        {
            Assert.Contains(name, await Run(cluster, "federation", "show", name));
            Assert.Contains("was committed", await Run(cluster, "federation", "show", name, "--round", "1", "--why"));
            var report = JsonNode.Parse(await Run(cluster, "federation", "report", name))!;
            Assert.Equal((name, 1, 3), ((string?)report["federation"], report["rounds"]!.AsArray().Count, report["rounds"]![0]!["accepted"]!.AsArray().Count));

            string folder = cluster.PathOf(name);
            await Run(cluster, "federation", "export", name, "--out", folder);
            using var encoders = SafetensorsFile.Open(Path.Combine(folder, "encoders.safetensors"));
            Assert.Contains("encoder.rehearsal.mark", encoders.Tensors.Keys);
            Assert.Contains((string)report["result"]!["globalSha256"]!, await File.ReadAllTextAsync(Path.Combine(folder, "README.md"), cluster.Limit));
            Assert.True(File.Exists(Path.Combine(folder, "adapters.safetensors")) && File.Exists(Path.Combine(folder, "plan.json")));
        }

        await Submit(cluster, "fourth", "federation.start-from = rehearsal");
        await Completed(cluster, "fourth");
        var first = JsonNode.Parse(await Run(cluster, "federation", "report", "rehearsal"))!;
        Assert.Contains(((string)first["result"]!["globalSha256"]!)[..12], await Run(cluster, "federation", "show", "fourth", "--round", "1", "--why"));

        // The exported files are the same bytes, and no others are taken for them.
        await Submit(cluster, "fifth", $"federation.start-from = \"{cluster.PathOf("rehearsal")}\"");
        await Completed(cluster, "fifth");
        Assert.Contains(((string)first["result"]!["globalSha256"]!)[..12], await Run(cluster, "federation", "show", "fifth", "--round", "1", "--why"));
        string encodersFile = Path.Combine(cluster.PathOf("second"), "encoders.safetensors");
        byte[] changedBytes = await File.ReadAllBytesAsync(encodersFile, cluster.Limit);
        changedBytes[^1] ^= 1;
        await File.WriteAllBytesAsync(encodersFile, changedBytes, cluster.Limit);
        await Submit(cluster, "sixth", $"federation.start-from = \"{cluster.PathOf("second")}\"");
        var changed = await cluster.Await("federation", "list", r => r["federation"].ToString() == "sixth" && r["phase"].ToString() == "Failed");
        Assert.Contains(SiteSentences.StartChanged.Say().Text, changed["cause"].ToString());

        await Run(cluster, "federation", "remove", "second", "-y");
        Assert.Contains("second", await Run(cluster, "federation", "report", "second"));
        Assert.Empty(await cluster.Ask("federation", "result", ("federation", "second")));
        Assert.NotEmpty(await cluster.Ask("federation", "result", ("federation", "third")));
    }

    [Fact]
    public async Task A_round_that_failed_for_want_of_its_quorum_is_resumed_and_ends_with_the_undisturbed_hash()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("fedkim-").FullName, "short.conf");
        await File.WriteAllTextAsync(file, $"""
            include "{RunningFederation.File("rehearsal.conf")}"
            federation.quorum = 3
            federation.deadline = 20 seconds
            """);
        string[] arguments = ["--federation", file, .. Rehearsal.Arguments[2..]];
        await using var cluster = RunningFederation.StartAndStay(arguments);
        await cluster.Await("client", "list", r => r["client"].ToString() == "hospital-c" && r["activity"].ToString() == "training");
        cluster.Send("hospital-c", Signal.Stop);
        var failed = await cluster.Await("federation", "status", r => r["phase"].ToString() == "Failed");
        Assert.Contains("the quorum is 3", failed["cause"].ToString());
        string[] trained = [.. cluster.Trained("hospital-a")];
        cluster.Send("hospital-c", Signal.Continue);

        await Run(cluster, "federation", "resume", "rehearsal");
        await Completed(cluster, "rehearsal");

        var report = JsonNode.Parse(await Run(cluster, "federation", "report", "rehearsal"))!;
        Assert.Equal((await Rehearsal.Undisturbed)["result"]!.ToJsonString(), report["result"]!.ToJsonString());
        // What was accepted before counts: nobody trained it again.
        Assert.Equal([.. trained, "rehearsal/2"], cluster.Trained("hospital-a").Distinct());
        Assert.Equal(cluster.Trained("hospital-a").Distinct(), cluster.Trained("hospital-a"));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    private static async Task Submit(RunningFederation cluster, string name, params string[] settings)
    {
        string file = cluster.PathOf($"{name}.conf");
        await File.WriteAllTextAsync(file, $"""
            include "{RunningFederation.File("rehearsal.conf")}"
            federation.name = {name}
            federation.rounds = 1
            federation.clients = [hospital-a, hospital-b, hospital-c]
            federation.rehearsal.milliseconds = 0
            {string.Join('\n', settings)}
            """, cluster.Limit);
        await Run(cluster, "federation", "submit", file);
    }

    private static Task Completed(RunningFederation cluster, string name) =>
        cluster.Await("federation", "list", r => r["federation"].ToString() == name && r["phase"].ToString() == "Completed");

    private static Task<string> Run(RunningFederation cluster, params string[] arguments) => FedKimProgram.RunAsync(cluster.Limit, [.. arguments, "--node", cluster.Node]);
}
