using Akka.Actor;
using FedKim.Actors.Hospital.Plans;

namespace FedKim.Actors.Hospital;

/// <summary>Speaks, to those who ask on the node, for the sites of one that carries several: what they do, counted, and the plans that all were asked for.</summary>
public sealed class NodeSites : ReceiveActor
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    /// <param name="sites">The sites' work, at least one.</param>
    public NodeSites(IReadOnlyList<IActorRef> sites)
    {
        Receive<GetActivity>(m => Task.WhenAll(sites.Select(site => Of(site, m))).PipeTo(Sender, success: Summary));
        Receive<PlanMessages.GetPlans>(sites[0].Forward);
        Receive<PlanMessages.GetPlan>(sites[0].Forward);
        Receive<PlanMessages.Say>(_ => Sender.Tell(new PlanMessages.Unsaid(
            $"This node carries {sites.Count} sites, for a rehearsal: they train for whatever a server asks. A site whose people have a word has a node of its own.")));
    }

    // One that does not answer keeps nobody from hearing of the others.
    private static async Task<Activity> Of(IActorRef site, GetActivity question)
    {
        try
        {
            return await site.Ask<Activity>(question, AnswerWithin);
        }
        catch (AskTimeoutException)
        {
            return new Activity("silent", "", "");
        }
    }

    private static Activity Summary(Activity[] all) => new(
        string.Join(", ", all.GroupBy(a => a.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}")),
        all.Select(a => a.Work).Max(StringComparer.Ordinal)!,
        all.Select(a => a.Problem).FirstOrDefault(p => p.Length > 0, ""));
}
