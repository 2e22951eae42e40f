using System.Text;
using FedKim.Protocol.Messages;
using static FedKim.Protocol.Messages.FederationQueries;

namespace FedKim.Launch.Answers;

/// <summary>Questions whose answers may be long: they come in pages, and are given whole. An empty name is the federation that runs or ran last.</summary>
internal static class PagedQuestions
{
    /// <summary>A federation with all that it invites.</summary>
    public static async Task<FederationView> FederationAsync(this IAnsweringNode node, string name, CancellationToken cancel)
    {
        var whole = await node.AskAsync<FederationView>(new GetFederation(name), cancel);
        while (whole.Next.Length > 0)
        {
            var page = await node.AskAsync<FederationView>(new GetFederation(name, whole.Next), cancel);
            whole = page with { Invited = [.. whole.Invited, .. page.Invited] };
        }

        return whole;
    }

    /// <summary>All federations.</summary>
    public static Task<List<FederationView>> FederationsAsync(this IAnsweringNode node, CancellationToken cancel) => AllAsync(0, async from =>
    {
        var page = await node.AskAsync<FederationQueries.Federations>(new GetFederations(from), cancel);
        return (page.Items, page.Next, page.Next > 0);
    });

    /// <summary>The federation that runs, and those that wait for its end.</summary>
    public static Task<List<FederationView>> QueueAsync(this IAnsweringNode node, CancellationToken cancel) => AllAsync(0, async from =>
    {
        var page = await node.AskAsync<FederationQueries.Federations>(new GetQueue(from), cancel);
        return (page.Items, page.Next, page.Next > 0);
    });

    /// <summary>A federation's rounds from one on.</summary>
    public static async Task<List<RoundView>> RoundsAsync(this IAnsweringNode node, string name, int first, bool clients, CancellationToken cancel)
    {
        var rounds = await AllAsync(first, async from =>
        {
            var page = await node.AskAsync<FederationQueries.Rounds>(new GetRounds(from, Federation: name, Clients: clients), cancel);
            return (page.Items, page.Next, page.Next > 0);
        });
        for (int i = 0; i < rounds.Count; i++)
            rounds[i] = await WholeAsync(node, name, rounds[i], cancel);
        return rounds;
    }

    /// <summary>One round.</summary>
    public static async Task<RoundView> RoundAsync(this IAnsweringNode node, string name, int number, CancellationToken cancel) =>
        await WholeAsync(node, name, await node.AskAsync<RoundView>(new GetRound(number, name), cancel), cancel);

    /// <summary>What happened in a round.</summary>
    public static Task<List<StoryLine>> StoryAsync(this IAnsweringNode node, string name, int number, CancellationToken cancel) => AllAsync(0, async from =>
    {
        var page = await node.AskAsync<FederationQueries.Story>(new GetStory(number, name, from), cancel);
        return (page.Lines, page.Next, page.Next > 0);
    });

    /// <summary>All hospitals.</summary>
    public static Task<List<ClientView>> ClientsAsync(this IAnsweringNode node, CancellationToken cancel) => AllAsync("", async after =>
    {
        var page = await node.AskAsync<FederationQueries.Clients>(new GetClients(after), cancel);
        return (page.Items, page.Next, page.Next.Length > 0);
    });

    /// <summary>A text.</summary>
    public static async Task<string> TextAsync(this IAnsweringNode node, Func<int, IWireMessage> question, CancellationToken cancel)
    {
        var text = new StringBuilder();
        int from = 0;
        do
        {
            var page = await node.AskAsync<FederationQueries.Text>(question(from), cancel);
            text.Append(page.Part);
            from = page.Next;
        }
        while (from > 0);
        return text.ToString();
    }

    private static async Task<RoundView> WholeAsync(IAnsweringNode node, string name, RoundView round, CancellationToken cancel)
    {
        while (round.Next.Length > 0)
        {
            var page = await node.AskAsync<RoundView>(new GetRound(round.Number, name, round.Next), cancel);
            round = page with
            {
                Invited = [.. round.Invited, .. page.Invited],
                Accepted = [.. round.Accepted, .. page.Accepted],
                Dropped = [.. round.Dropped, .. page.Dropped],
                LeftOut = [.. round.LeftOut, .. page.LeftOut],
            };
        }

        return round;
    }

    private static async Task<List<TItem>> AllAsync<TItem, TPlace>(TPlace from, Func<TPlace, Task<(TItem[] Items, TPlace Next, bool More)>> ask)
    {
        var all = new List<TItem>();
        bool more = true;
        while (more)
        {
            (var items, from, more) = await ask(from);
            all.AddRange(items);
        }

        return all;
    }
}
