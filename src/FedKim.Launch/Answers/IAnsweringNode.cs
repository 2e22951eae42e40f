using FedKim.Actors;
using FedKim.Actors.Hospital;
using FedKim.Actors.Hospital.Plans;
using FedKim.Commands;
using FedKim.Configuration;
using FedKim.Protocol.Messages;
using FedKim.Transfer;

namespace FedKim.Launch.Answers;

/// <summary>What a node's commands are answered from.</summary>
public interface IAnsweringNode
{
    /// <summary>What its file says.</summary>
    NodeConfiguration Configuration { get; }

    /// <summary>Until when its certificate counts; null where it has none.</summary>
    DateTimeOffset? CertificateEnds { get; }

    /// <summary>Its weights.</summary>
    WeightStore Weights { get; }

    /// <summary>What it runs on.</summary>
    INodeMachinery Machinery { get; }

    /// <summary>What its hospital has trained and sent, the earliest round first.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    IReadOnlyList<RoundWork> Work();

    /// <summary>What it does; null where it does nothing by itself, or starts.</summary>
    Task<Activity?> ActivityAsync(CancellationToken cancel);

    /// <summary>Asks the node's own hospital; no server is needed for it.</summary>
    /// <param name="question">The question, of <see cref="PlanMessages"/>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="CommandException">The node is no hospital, does not answer in time, or says why it cannot.</exception>
    Task<T> AskHospitalAsync<T>(object question, CancellationToken cancel);

    /// <summary>The nodes of the cluster as it sees them, by address.</summary>
    /// <exception cref="CommandException">It is starting.</exception>
    IReadOnlyList<ClusterMember> Members();

    /// <summary>Asks the federation's actor, wherever that is.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="within">How long the answer may take; null for <see cref="CommandLimits.Question"/>.</param>
    /// <exception cref="CommandException">It does not answer in time, knows nothing of what is asked, or refuses.</exception>
    Task<T> AskAsync<T>(IWireMessage question, CancellationToken cancel, TimeSpan? within = null);
}

/// <summary>A node of the cluster, as another sees it.</summary>
/// <param name="Address">Where the others reach it, <c>host:port</c>.</param>
public sealed record ClusterMember(string Address, string[] Roles, string Status, bool Reachable, bool Leader);
