using System.Runtime.InteropServices;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Models;
using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Errands;

/// <summary>What broke at a site, as others may know it: the one place where an exception becomes a <see cref="SiteReason"/>. Its own words stay in the node's log.</summary>
internal static class SiteFault
{
    /// <summary>The reason that an exception gives.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="place">Where the node keeps its files, in words.</param>
    public static SiteReason Of(Exception e, string place) => FileTroubleOf(e, place) is { } trouble ? SiteReason.Read(trouble.Sentence) : e switch
    {
        LearningException learning => learning.Reason,
        DataException => SiteSentences.SomeData.Say(),
        TransferException transfer => transfer.Reason,
        UnknownNameException unknown => SiteSentences.UnknownName.Say(unknown.Kind, unknown.Name),
        SafetensorsException => SiteSentences.ModelUnreadable.Say(),
        FoundationException => SiteSentences.NamedModel.Say(),
        TorchRuntimeException or ExternalException or OutOfMemoryException => SiteSentences.Device.Say(),
        _ => SiteSentences.Other.Say(),
    };

    /// <summary>The trouble with the node's own files that an exception tells of, or that is behind it; null when there is none.</summary>
    public static FileTrouble? FileTroubleOf(Exception e, string place) =>
        FileTrouble.Of(e, place) ?? (e is LearningException { InnerException: IOException inner } && FileTrouble.IsOfDisk(inner)
            && inner is not (FileNotFoundException or DirectoryNotFoundException)
            ? FileTrouble.Of(inner, place)
            : null);
}
