using FedKim.Protocol.Framed;
using FedKim.Rounds;
using Google.Protobuf;

namespace FedKim.Protocol.Links;

/// <summary>Fields of frames as the rules know them: each is held to its size and its form before it is believed.</summary>
internal static class FrameFields
{
    private const int DigestBytes = 32;

    public static string Text(string text, int most, string field) =>
        text.Length <= most ? text : throw new FormatException($"{field} has {text.Length} characters, {most} are the most");

    /// <summary>Words for people, cut where they are too many.</summary>
    public static string Cut(string words)
    {
        if (words.Length <= LinkLimits.Words)
            return words;
        // Half a character has no form in a frame.
        int most = char.IsHighSurrogate(words[LinkLimits.Words - 2]) ? LinkLimits.Words - 2 : LinkLimits.Words - 1;
        return words[..most] + "…";
    }

    public static string Name(string name, string field) =>
        name.Length is > 0 and <= LinkLimits.Name && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')
            ? name
            : throw new FormatException($"{field} is no name: 1 to {LinkLimits.Name} lower-case letters, digits and hyphens");

    public static RoundId Id(RoundName? round) => round is { Number: >= 1 }
        ? new RoundId(new FederationId(Name(round.Federation, "round.federation")), round.Number)
        : throw new FormatException("round is none: rounds have a federation and a number from 1");

    public static RoundName Of(RoundId round) => new() { Federation = round.Federation.Value, Number = round.Number };

    public static Digest Id(ByteString bytes, string field) => bytes.Length == DigestBytes
        ? Digest.Of(bytes.Span)
        : throw new FormatException($"{field} has {bytes.Length} bytes, a SHA-256 digest has {DigestBytes}");

    public static ByteString Of(Digest digest) => ByteString.CopyFrom(Convert.FromHexString(digest.Hex));

    public static int Epoch(int epoch) =>
        Epochs.IsOne(epoch) ? epoch : throw new FormatException($"epoch is {epoch}; epochs are counted from 0, and none comes to {Epochs.Most}");
}
