using System.Collections.Immutable;

namespace FedKim.Actors.Links;

/// <summary>How a site's outbound link stands.</summary>
/// <param name="Door">The server's door it leads to, <c>host:port</c>; empty while there is none.</param>
/// <param name="Server">That server's name.</param>
/// <param name="Problems">What became of the latest attempt at every other door, in words.</param>
public sealed record LinkView(string Door, string Server, ImmutableSortedDictionary<string, string> Problems)
{
    /// <summary>Before the first attempt.</summary>
    public static LinkView None { get; } = new("", "", ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>Why there is none, in words.</summary>
    public string Missing => Problems.IsEmpty ? "none was tried yet" : string.Join("; ", Problems.Select(p => $"{p.Key} {p.Value}"));

    /// <summary>Whether a server hears the site.</summary>
    public bool IsOpen => Door.Length > 0;
}
