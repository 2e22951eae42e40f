using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>What a node may say of a model that it was given and cannot use.</summary>
internal static class ModelReason
{
    /// <summary>The parameter at fault, where there is one; the file lies in a folder of the node's own, and is not named.</summary>
    internal static SiteReason Of(SafetensorsException e) => e.Tensor is { } tensor ? SiteSentences.ModelUnfit.Say(tensor) : SiteSentences.ModelUnreadable.Say();
}
