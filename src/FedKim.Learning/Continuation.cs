using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedKim.Learning;

/// <summary>
/// Whether a plan can go on from the model of an earlier one. Tensors of the same shapes do not tell: an encoder knows pictures only as it
/// learned to see them.
/// </summary>
public static class Continuation
{
    /// <summary>What an encoder would see otherwise than it learned to; null where nothing is.</summary>
    /// <param name="learning">The plan's <see cref="Rounds.FederationPlan.Learning"/>.</param>
    /// <param name="earlier">The earlier one's, of this version or another.</param>
    /// <param name="whose">Where the earlier one stands, such as <c>federation first</c>.</param>
    /// <exception cref="JsonException">The earlier plan is no JSON.</exception>
    /// <exception cref="InvalidOperationException">It is no plan.</exception>
    public static string? Problem(string learning, string earlier, string whose)
    {
        var (here, there) = (Encoders(learning), Encoders(earlier));
        if (here.Keys.FirstOrDefault(name => there.TryGetValue(name, out string? before) && before != here[name]) is not { } odd)
            return null;
        return $"federation.encoders.{odd} sees pictures normalised as {here[odd]}, and the model of start-from learned to see them as {there[odd]}, as {whose} says. Write normalisation = {there[odd]} for it.";
    }

    // A plan of another version may have settings that this one does not know; what is looked for is told by two.
    private static SortedDictionary<string, string> Encoders(string learning)
    {
        var encoders = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, encoder) in JsonNode.Parse(learning)?["encoders"]?.AsObject() ?? [])
        {
            var plan = new EncoderPlan { Name = "", Checkpoint = (string?)encoder?["checkpoint"], Normalisation = (string?)encoder?["normalisation"] };
            encoders[name] = plan.SeesAsImageNet ? EncoderPlan.ImageNet : EncoderPlan.Own;
        }

        return encoders;
    }
}
