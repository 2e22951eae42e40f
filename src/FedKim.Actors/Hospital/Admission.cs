using Akka.Event;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Hospital;

/// <summary>Whether the server lets this site take part; what it says every second is told once.</summary>
/// <param name="log">The node's log.</param>
internal sealed class Admission(ILoggingAdapter log)
{
    private string _taken = "";

    /// <summary>Why the site does not take part in the federation that runs; empty where it does.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>An order came: it takes part.</summary>
    public void Given() => (_taken, Problem) = ("", "");

    /// <summary>Another node is there under the site's name.</summary>
    public void Hear(SiteMessages.NameTaken m)
    {
        if (_taken != m.Node)
            log.Warning("The server does not take this node for {Client}: a node of that name is present ({Node}). Stop that one, or give this one its own name (fedkim.site)", m.Client, m.Node);
        _taken = m.Node;
    }

    /// <summary>The site is not invited, or is again.</summary>
    public void Hear(SiteMessages.NotInvited m)
    {
        string federation = m.Federation == SiteMessages.Unnamed ? "what runs at the server" : $"federation {m.Federation}";
        string problem = m.Reason.Length == 0 ? "" : $"does not take part in {federation}: {m.Reason}";
        if (problem == Problem)
            return;
        if (problem.Length > 0)
            log.Warning("{Client} {Problem}. Ask those who run the federation's servers", m.Client, problem);
        else
            log.Info("{Client} takes part in {Federation}, or it is over", m.Client, federation);
        Problem = problem;
    }
}
