using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;
using FedKim.Testing;

namespace FedKim.Cluster.Tests;

/// <summary>
/// From nothing to a federation by the documented commands alone, on real processes: each site asks for its certificate, joins with one bundle, and its node
/// runs with the files that were written. Server and injector have addresses of their own on loopback, as machines of their own have.
/// </summary>
public sealed class JoinTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4), LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(Limit);
    private readonly List<NodeProcess> _nodes = [];
    private readonly ImmutableArray<int> _ports = Ports.Free(5);
    private readonly string _network = string.Create(CultureInfo.InvariantCulture, $"127.{100 + (Environment.ProcessId >> 8) % 100}.{Environment.ProcessId % 250}");

    private string Server => $"{_network}.1:{_ports[4]}";

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        _limit.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Sites_that_joined_with_two_commands_and_a_bundle_run_a_federation_to_its_end()
    {
        _folder.Write("data/patients.csv", "age\n");
        await Done("certs", "init", "authority", "--consortium", "clinics");
        await Ask("server", "server", $"{_network}.1");
        await Ask("injector", "injector", $"{_network}.2");
        await Ask("hospital-a", "hospital");
        await Ask("hospital-b", "hospital");

        Assert.EndsWith("server can take part. Its node runs with: fedkim node server/node.conf\n", await Done(Join("server", 0)), StringComparison.Ordinal);

        // Before there is a server everything but that is said to be well, and its files are written all the same.
        var (code, output, errors) = await End(Join("hospital-a", 2));
        Assert.Equal(ExitCodes.Unreachable, code);
        Assert.Contains($"WRONG   | server      | {Server}: {_network}.1 is reached and refuses port {_ports[4]}", output, StringComparison.Ordinal);
        Assert.Equal("hospital-a reaches no server: see server. Mend it, and give the same command again; or let the node wait for a server: fedkim node hospital-a/node.conf\n", errors);

        var server = Start("node", "server/node.conf");
        output = await Joined("hospital-a", 2);
        Assert.Contains($"ok      | server      | {Server} → {_network}.1 → spiffe://clinics/server/server: it lets this site in", output, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was written: hospital-a has it all already.\nhospital-a can take part. Its node runs with: fedkim node hospital-a/node.conf\n", output, StringComparison.Ordinal);
        await Joined("injector", 1);

        (code, _, errors) = await End([.. Join("hospital-b", 3), "--key", "hospital-a"]);
        Assert.Equal(ExitCodes.Configuration, code);
        Assert.StartsWith("hospital-b.fedkim is not for the key hospital-a/site.key. The certificate is for the key ", errors, StringComparison.Ordinal);
        (code, output, errors) = await End("join", "hospital-b.fedkim", "--data", "nowhere");
        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains("WRONG   | data        | there is no folder", output, StringComparison.Ordinal);
        Assert.Equal("hospital-b cannot join yet: see data. Nothing was written. Mend it, and give the same command again.\n", errors);
        Assert.False(File.Exists(_folder["hospital-b/node.conf"]));

        if (File.Exists("/usr/bin/faketime"))
        {
            output = await Done(new ProcessStartInfo("/usr/bin/faketime", ["-f", "+75s", .. Launch.FedKimProgram.Words, .. Join("hospital-b", 3)]));
            Assert.Matches(@"warning \| clock       \| this machine's clock is 7\d s ahead of that of server", output);
        }

        Start("node", "injector/node.conf");
        Start("node", "hospital-a/node.conf");
        var started = Start([.. Join("hospital-b", 3), "--start"]);
        string rehearsal = File.ReadAllText(RunningFederation.File("rehearsal.conf"));
        _folder.Write("trial.conf", rehearsal + "\nfederation { name = trial, clients = [hospital-a, hospital-b], quorum = 2, rounds = 2, rehearsal { mebibytes = 1, milliseconds = 100 } }\n");
        await Until(async () => (await End("federation", "submit", "trial.conf", "--node", Pbm(0))).Code == ExitCodes.Ok);
        await Until(async () => (await End("federation", "show", "trial", "--json", "--node", Pbm(0))).Output.Contains("\"Completed\"", StringComparison.Ordinal));
        Assert.Contains($"hospital-b can take part. Its node starts: fedkim node {_folder["hospital-b/node.conf"]}", started.Printed(), StringComparison.Ordinal);
        Assert.Contains("outbound via server", server.Printed(), StringComparison.Ordinal);
        Assert.Contains("hospital-b takes part already: its node runs as process ", await Done(Join("hospital-b", 3)), StringComparison.Ordinal);

        await Done("certs", "revoke", "authority", "hospital-b");
        File.Copy(_folder["authority/revoked.crl"], _folder["server/revoked.crl"], overwrite: true);
        await Until(async () => (await End(Join("hospital-b", 3))).Code != ExitCodes.Ok);
        (code, output, errors) = await End(Join("hospital-b", 3));
        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains("spiffe://clinics/server/server: it refuses this site's certificate, and does not say why", output, StringComparison.Ordinal);
        Assert.Equal("hospital-b cannot join yet: see server. Nothing was written. Mend it, and give the same command again.\n", errors);
    }

    [Fact]
    public async Task Folders_of_another_account_are_named()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName != "root" || !File.Exists("/usr/bin/setpriv"))
        {
            Assert.Skip("Only root can start a process of another account.");
            return;
        }
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (string folder in (string[])["data", "work"])
            Directory.CreateDirectory(_folder[folder], Own);
        Directory.CreateDirectory(_folder["site"]);
        File.SetUnixFileMode(_folder.Path, Own | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(_folder["site"], Own | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        await Done("certs", "init", "authority", "--consortium", "clinics");
        await Done(AsNobody("certs", "request", "--site", "hospital-a", "--role", "hospital", "--out", "site/own"));
        await Done("certs", "sign", "authority", "site/own/request.pem", "--out", "hospital-a.fedkim", "--server", Server);

        var (code, output, _) = await End(AsNobody("join", "hospital-a.fedkim", "--key", "site/own", "--data", "data", "--work", "work"));

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains($"WRONG   | data        | {_folder["data"]} cannot be read by this account (nobody): ", output, StringComparison.Ordinal);
        Assert.Contains($"WRONG   | work        | {_folder["work"]} cannot be written to by this account (nobody): ", output, StringComparison.Ordinal);

        static ProcessStartInfo AsNobody(params string[] arguments) => FedKimProgram.Shell(
            "exec /usr/bin/env HOME=/tmp DOTNET_CLI_HOME=/tmp setpriv --reuid=65534 --regid=65534 --clear-groups", arguments);
    }

    private string Pbm(int node) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[node]}");

    private string[] Join(string site, int node) =>
        ["join", $"{site}.fedkim", .. site == "server" ? Array.Empty<string>() : ["--data", "data"], "--pbm-port", _ports[node].ToString(CultureInfo.InvariantCulture)];

    // What a site and the authority's keeper do for a certificate.
    private async Task Ask(string site, string role, params string[] hosts)
    {
        await Done(["certs", "request", "--site", site, "--role", role, "--out", site, .. hosts.SelectMany(host => new[] { "--host", host })]);
        await Done("certs", "sign", "authority", $"{site}/request.pem", "--out", $"{site}.fedkim", "--server", Server);
    }

    private async Task<string> Joined(string site, int node)
    {
        var last = (Code: ExitCodes.Failed, Output: "", Errors: "");
        await Until(async () => (last = await End(Join(site, node))).Code == ExitCodes.Ok);
        return last.Output;
    }

    private NodeProcess Start(params string[] arguments)
    {
        // It starts in this process's folder.
        string name = $"node-{_nodes.Count}";
        var launch = Launch.FedKimProgram.Launch(name, _folder[$"{name}.log"], [.. arguments.Select(word => Path.Exists(_folder[word]) ? _folder[word] : word)]);
        var node = new NodeProcess(launch, TimeProvider.System);
        _nodes.Add(node);
        Assert.True(node.Start());
        return node;
    }

    private Task<string> Done(params string[] arguments) => Done(FedKimProgram.Command(arguments));

    private async Task<string> Done(ProcessStartInfo start)
    {
        var (code, output, errors) = await End(start);
        Assert.True(code == ExitCodes.Ok, $"{string.Join(' ', start.ArgumentList)} ended with {code}: {output}{errors}");
        return output;
    }

    private Task<(int Code, string Output, string Errors)> End(params string[] arguments) => End(FedKimProgram.Command(arguments));

    private Task<(int Code, string Output, string Errors)> End(ProcessStartInfo start)
    {
        start.WorkingDirectory = _folder.Path;
        return FedKimProgram.EndAsync(start, _limit.Token);
    }

    private async Task Until(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(LookEvery, _limit.Token);
    }
}
