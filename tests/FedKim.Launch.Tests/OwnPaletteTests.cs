using FedKim.Actors;
using FedKim.Actors.Hospital;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Commands.Palettes;
using FedKim.Configuration;
using FedKim.Launch.Answers;
using FedKim.Protocol.Messages;
using FedKim.Testing;
using FedKim.Transfer;

namespace FedKim.Launch.Tests;

/// <summary>A palette that no part of FedKim knows, as the page of the documentation has it.</summary>
public sealed class OwnPaletteTests
{
    [Fact]
    public async Task Its_commands_are_asked_for_and_explained_as_any_others()
    {
        var commands = CommandTable.Of<IAnsweringNode>(new Node(), new OwnPalette.CountPalette().Commands);
        await using var host = await CommandHost.StartAsync(new CommandHostOptions("server") { Port = 0 }, commands);
        await using var client = await CommandClient.ConnectAsync(new NodeAddress("127.0.0.1", host.Endpoint.Port));

        Assert.Equal("Counts the nodes of the cluster.", Assert.Single(Assert.Single(client.Palettes.All).Commands).Help);
        Assert.Equal("3", await Count(new CommandInvocation("count", "nodes")));
        Assert.Equal("2", await Count(new CommandInvocation("count", "nodes").With("role", "hospital")));

        async Task<string> Count(CommandInvocation asked)
        {
            var rows = new List<CommandRow>();
            await foreach (var row in client.InvokeAsync(asked))
                rows.Add(row);
            return Assert.Single(rows)["nodes"].ToString();
        }
    }

    [Fact]
    public void It_is_the_one_on_the_page() => Assert.Contains(
        File.ReadAllText(Path.Combine(Repository.Root, "samples", "OwnPalette", "CountPalette.cs")),
        File.ReadAllText(Path.Combine(Repository.Root, "docs", "how-to", "add-a-command.md")), StringComparison.Ordinal);

    [Fact]
    public void A_name_of_FedKims_own_is_refused() => Refused(new Of("round", "show"), "adds the palette round, and there is one of this name already. Give it another.");

    [Fact]
    public void A_command_that_is_not_well_formed_is_refused() => Refused(new Of("own", "Loud!"), "adds the palette own, and Command 'own Loud!' is misnamed: lower-case letters, digits and dashes make a name.");

    [Fact]
    public void A_command_of_another_palette_is_refused() => Refused(
        new Of("own", "show", "other"), "adds the palette own with a command of another, other show. Make it with this palette.");

    private static void Refused(INodePalette palette, string problem) =>
        Assert.Equal(problem, Assert.Throws<ArgumentException>(() => NodePalettes.Add(palette)).Message);

    private sealed class Of(string name, string command, string? made = null) : INodePalette
    {
        public Palette<IAnsweringNode> Palette => new(name, "Own.");

        public System.Collections.Immutable.ImmutableArray<Command<IAnsweringNode>> Commands =>
            [new Palette<IAnsweringNode>(made ?? name, "Own.").Message(command, "Says a word.", [], (_, _, _) => Task.FromResult("word"))];
    }

    private sealed class Node : IAnsweringNode
    {
        public NodeConfiguration Configuration => throw new NotSupportedException();

        public DateTimeOffset? CertificateEnds => null;

        public WeightStore Weights => throw new NotSupportedException();

        public INodeMachinery Machinery => throw new NotSupportedException();

        public IReadOnlyList<RoundWork> Work() => throw new NotSupportedException();

        public Task<Activity?> ActivityAsync(CancellationToken cancel) => throw new NotSupportedException();

        public Task<T> AskHospitalAsync<T>(object question, CancellationToken cancel) => throw new NotSupportedException();

        public IReadOnlyList<ClusterMember> Members() =>
            [Member("server"), Member("hospital"), Member("hospital")];

        public Task<T> AskAsync<T>(IWireMessage question, CancellationToken cancel, TimeSpan? within = null) => throw new NotSupportedException();

        private static ClusterMember Member(string role) => new("127.0.0.1:1", [role], "Up", true, false);
    }
}
