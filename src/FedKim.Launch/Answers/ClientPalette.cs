using System.Collections.Immutable;
using FedKim.Commands;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Configuration;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>client</c>.</summary>
public sealed class ClientPalette : INodePalette
{
    /// <summary>A site, for a command that changes whether it takes part.</summary>
    public static readonly CommandSwitch Site = new("site", "s", "The hospital's name.", Required: true);

    /// <summary>The federation in which that changes.</summary>
    public static readonly CommandSwitch In = new("federation", "f", "The federation's name; without it, the one that runs in which the hospital is.");

    private static readonly Palette<IAnsweringNode> Own = new("client", "The hospitals that take part.");

    /// <summary><c>client list</c>.</summary>
    public static readonly Command<IAnsweringNode> List = Own.Rows("list", "Lists the hospitals with what each is doing, and who is here uninvited.", [], async (node, _, cancel) =>
        [.. (await node.ClientsAsync(cancel)).Select(ClientStatus.Row)]);

    /// <summary><c>client show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Item("show", "Shows one hospital: what it does, and what hinders it.", [Site], async (node, asked, cancel) =>
    {
        var clients = await node.ClientsAsync(cancel);
        string site = asked.Text(Site)!;
        string near = NearestName.To(site, clients.Select(client => client.Client)) is { } name ? $"Did you mean '{name}'? " : "";
        return ClientStatus.Row(clients.Find(client => client.Client == site)
            ?? throw new CommandException(CommandFault.Failed, $"No hospital here is called '{site}'. {near}'client list' lists them."));
    });

    /// <summary><c>client drain</c>.</summary>
    public static readonly Command<IAnsweringNode> Drain = Change(
        "drain", "Lets a hospital finish its round, and asks it no more.", "Let {site} finish its round, and ask it no more?", (site, named) => new OperatorMessages.Drain(site, named), "finishes the round it works on and is not asked again until 'client resume'");

    /// <summary><c>client resume</c>.</summary>
    public static readonly Command<IAnsweringNode> Resume = Change(
        "resume", "Asks a hospital again that was drained or excluded, from the next round on.", "Ask {site} again, from the next round on?", (site, named) => new OperatorMessages.Return(site, named), "takes part from the next round on");

    /// <summary><c>client exclude</c>.</summary>
    public static readonly Command<IAnsweringNode> Exclude = Change(
        "exclude", "Takes nothing more of a hospital, in the open round either.", "Take nothing more of {site}, in the open round either?", (site, named) => new OperatorMessages.Exclude(site, named), "is excluded: what of it counts already stays, and nothing more is taken");

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [List, Show, Drain, Resume, Exclude];

    private static Command<IAnsweringNode> Change(string name, string help, string question, Func<ClientId, string, OperatorMessages.IRosterChange> change, string done) =>
        Own.Message(name, help, [Site, In], async (node, asked, cancel) =>
        {
            string site = asked.Text(Site)!;
            if (!Names.IsValid(site))
                throw new CommandException(CommandFault.Failed, $"\"{site}\" is no site's name; {Names.Rule}.");
            var view = await node.AskAsync<FederationView>(change(new ClientId(site), asked.Text(In) ?? ""), cancel);
            return $"{site} {done}. {view.InvitedCount} take part in federation {view.Federation}, and the quorum is {view.Quorum}";
        }).Asking(question);
}
