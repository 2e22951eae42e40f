using System.Text.Json.Nodes;

namespace FedKim.Node.Reports;

/// <summary>One process of a federation on this machine.</summary>
/// <param name="Role">What its node does.</param>
/// <param name="Site">Its name.</param>
/// <param name="Pid">Id of its latest process.</param>
/// <param name="PeakRssMiB">The most memory any of its processes held.</param>
internal sealed record ProcessReport(string Role, string Site, int Pid, double PeakRssMiB)
{
    public JsonNode Json() => new JsonObject
    {
        ["role"] = Role,
        ["site"] = Site,
        ["pid"] = Pid,
        ["peakRssMiB"] = Math.Round(PeakRssMiB, 1),
    };
}
