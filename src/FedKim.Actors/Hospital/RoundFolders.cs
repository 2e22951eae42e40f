using System.Globalization;
using FedKim.Rounds;

namespace FedKim.Actors.Hospital;

/// <summary>The folders of a site's rounds: checkpoints and the finished update of each.</summary>
/// <param name="above">The folder that holds them.</param>
internal sealed class RoundFolders(string above)
{
    /// <summary>The folder of a round, which is there then.</summary>
    public string Make(RoundId round)
    {
        string folder = Of(round);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>The round that was worked on last; null where none is left.</summary>
    public RoundId? Latest() => Directory.Exists(above)
        ? new DirectoryInfo(above).EnumerateDirectories().OrderByDescending(d => d.LastWriteTimeUtc).Select(d => RoundOf(d.Name)).FirstOrDefault(r => r is not null)
        : null;

    /// <summary>Removes a round's folder, where there is one.</summary>
    public void Remove(RoundId round)
    {
        if (Directory.Exists(Of(round)))
            Directory.Delete(Of(round), recursive: true);
    }

    /// <summary>Removes every folder but a round's; every one for null.</summary>
    public void RemoveAllBut(RoundId? kept)
    {
        if (!Directory.Exists(above))
            return;
        string? stays = kept is { } round ? Of(round) : null;
        foreach (string folder in Directory.EnumerateDirectories(above).Where(f => f != stays))
            Directory.Delete(folder, recursive: true);
    }

    private string Of(RoundId round) => Path.Combine(above, $"{round.Federation}-{round.Number}");

    private static RoundId? RoundOf(string folder) => folder.LastIndexOf('-') is > 0 and var dash
        && int.TryParse(folder[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? new RoundId(new FederationId(folder[..dash]), number)
        : null;
}
