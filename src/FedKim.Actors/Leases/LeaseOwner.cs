using System.Globalization;

namespace FedKim.Actors.Leases;

/// <summary>Who holds a lease, as it stands in the lease's row.</summary>
/// <param name="Id">The node and what only its own work folder knows; the same after a restart. Without blanks.</param>
/// <param name="Address">Where the others reach it, <c>host:port</c>.</param>
/// <param name="Machine">The machine's name.</param>
/// <param name="Pid">The process.</param>
/// <param name="Hold">What in the process holds it: each actor system anew.</param>
/// <param name="Since">Since when.</param>
public sealed record LeaseOwner(string Id, string Address, string Machine, int Pid, string Hold, DateTimeOffset Since)
{
    private const string Nothing = "-";

    /// <summary>An owner of this process.</summary>
    public static LeaseOwner Here(string id, string address) => new(Word(id), Word(address), Word(Environment.MachineName), Environment.ProcessId,
        Guid.NewGuid().ToString("N"), default);

    /// <summary>For people.</summary>
    public string Description => Pid == 0
        ? Id
        : string.Create(CultureInfo.InvariantCulture, $"{Id.Split('/')[0]} at {Address} (process {Pid} on {Machine}, since {Since:yyyy-MM-dd HH:mm:ss} UTC)");

    /// <summary>The row's text begins so for the same node on the same folder, in whatever process.</summary>
    internal string SameNode => $"{Id} ";

    /// <summary>The row's text begins so for the same part of the same process.</summary>
    internal string SameHold => string.Create(CultureInfo.InvariantCulture, $"{Id} {Address} {Machine} {Pid} {Hold} ");

    /// <summary>The row's text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SameHold}{Since.UtcDateTime:O}");

    /// <summary>Reads a row; of one that an older version wrote only the name is known.</summary>
    public static LeaseOwner Parse(string text) => text.Split(' ') is [var id, var address, var machine, var pid, var hold, var since]
        && int.TryParse(pid, CultureInfo.InvariantCulture, out int process)
        && DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? new LeaseOwner(id, address == Nothing ? "" : address, machine, process, hold, time)
            : new LeaseOwner(text, "", "", 0, "", default);

    private static string Word(string text) => text.Length == 0 ? Nothing : text.Replace(' ', '_');
}
