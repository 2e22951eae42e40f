using System.Text.Json.Nodes;
using FedKim.Launch;

namespace FedKim.Cluster.Tests;

/// <summary>What the nodes of a federation say afterwards of what left them.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task Every_site_and_the_server_tell_the_same_of_what_left_each_site_by_the_names_on_their_certificates()
    {
        await using var federation = RunningFederation.Start("--federation", RunningFederation.File("rehearsal.conf"), "--hospitals", "3", "--rounds", "1", "--seed", "5");
        await federation.End();
        var server = await Audit("server");

        foreach (string site in (string[])["hospital-a", "hospital-b", "hospital-c"])
        {
            var (own, name) = (await Audit(site), $"spiffe://up/hospital/{site}");
            Assert.Equal(name, (string?)own["node"]);
            var sent = Assert.Single(Files(own, "sent"))!;
            Assert.Equal(
                ("update", "spiffe://up/server/server", "rehearsal", 1, "TLS 1.3"),
                ((string?)sent["matter"], (string?)sent["peer"], (string?)sent["federation"], (int)sent["round"]!, (string?)sent["protection"]));
            var received = Assert.Single(Files(server, "received"), file => (string?)file!["peer"] == name)!;
            Assert.Equal(((long)sent["bytes"]!, (string?)sent["digest"]), ((long)received["bytes"]!, (string?)received["digest"]));
            Assert.True((long)sent["bytes"]! > 0);
            Assert.Equal(["joined", "left"], server["events"]!.AsArray().Where(one => (string?)one!["peer"] == name).Select(one => (string?)one!["kind"]));
        }
        Assert.Contains(server["events"]!.AsArray(), one => ((string?)one!["kind"], (string?)one["federation"]) == ("changed", "rehearsal"));

        string page = federation.PathOf("audit.html");
        string text = await FedKimProgram.RunAsync(federation.Limit, "audit", "--node", At("hospital-a.conf"), "--html", page);
        Assert.Contains("sent | 1 update | spiffe://up/server/server | TLS 1.3 | ", text, StringComparison.Ordinal);
        Assert.Contains("spiffe://up/server/server", await File.ReadAllTextAsync(page, federation.Limit), StringComparison.Ordinal);

        string log = At("hospital-a/log/audit.jsonl");
        await File.WriteAllLinesAsync(log, (await File.ReadAllLinesAsync(log, federation.Limit)).Where(line => !line.Contains("\"kind\":\"sent\"", StringComparison.Ordinal)), federation.Limit);
        var (code, changed, _) = await FedKimProgram.EndAsync(FedKimProgram.Command("audit", "--work", At("hospital-a")), federation.Limit);
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("chain broken: line ", changed, StringComparison.Ordinal);

        string At(string name) => Path.Combine(federation.Work, name);

        async Task<JsonNode> Audit(string node) => JsonNode.Parse(await FedKimProgram.RunAsync(federation.Limit, "audit", "--work", At(node), "--json"))!;
    }

    private static IEnumerable<JsonNode?> Files(JsonNode report, string kind) => report["files"]!.AsArray().Where(file => (string?)file!["kind"] == kind);
}
