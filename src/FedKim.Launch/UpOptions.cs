using System.Collections.Immutable;
using FedKim.Actors;
using FedKim.Configuration;
using FedKim.Launch.Reports;

namespace FedKim.Launch;

/// <summary>What <c>fedkim up</c> was asked for; null where nothing was said.</summary>
public sealed record UpOptions
{
    /// <summary>The pbm port of the first node unless another is asked for.</summary>
    public const int DefaultCommandPort = 9110;

    /// <summary>Hospitals in place of the file's: hospital-a, hospital-b, ….</summary>
    public int? Hospitals { get; init; }

    /// <summary>Hospitals that a process carries, for a rehearsal with many; as many as the run had, or one, when null.</summary>
    public int? PerNode { get; init; }

    /// <summary>Servers, one of which coordinates while the others wait to take over; as many as the run had, or one, when null.</summary>
    public int? Servers { get; init; }

    /// <summary>Federation file; the demo's when null.</summary>
    public string? Federation { get; init; }

    /// <summary>Settings in place of the federation file's; what the other options say wins over them.</summary>
    public ImmutableArray<Override> Settings { get; init; } = [];

    /// <summary>Folder with a folder a site and one of the injector; the run's own when null, or demo data, which is made.</summary>
    public string? Data { get; init; }

    /// <summary>Folder of the run; a run that lies there is taken up again.</summary>
    public string? Work { get; init; }

    /// <summary>Rounds in place of the file's.</summary>
    public int? Rounds { get; init; }

    /// <summary>Seed in place of the file's.</summary>
    public long? Seed { get; init; }

    /// <summary>How soon silence counts as loss; as the run had it, or steady, when null.</summary>
    public Timing? Timing { get; init; }

    /// <summary>How hospitals take part; as the run had it, or outbound, when null.</summary>
    public SiteLink? Link { get; init; }

    /// <summary>Ends everything when the federation has ended.</summary>
    public bool UntilDone { get; init; }

    /// <summary>Where the report is written as well.</summary>
    public string? Report { get; init; }

    /// <summary>What keeps the journal; as the run had it, or a file in its folder, when null.</summary>
    public RunJournal? Journal { get; init; }

    /// <summary>Whether nodes show each other certificates, of an authority made for the run; as the run had it, or yes, when null.</summary>
    public bool? Secured { get; init; }

    /// <summary>
    /// On which machines what the nodes compute gives the same bits, of <c>TorchBits.All</c>; as the run had it when null, or else everywhere for the
    /// demo and on this machine for others.
    /// </summary>
    public string? Bits { get; init; }

    /// <summary>The precision of the injection's products, of <c>TorchProducts.All</c>; as the run had it, or full, when null.</summary>
    public string? Products { get; init; }

    /// <summary>What the federation is to end with; null for no matter what.</summary>
    public ExpectedResult? Expect { get; init; }

    /// <summary>
    /// Where pbm finds the first server; the other servers, the injector and the hospitals follow, one port each. As the run had it, or
    /// <see cref="DefaultCommandPort"/>, when null.
    /// </summary>
    public int? CommandPort { get; init; }
}
