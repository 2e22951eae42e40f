using FedKim.Actors.Errands;
using FedKim.Learning;
using FedKim.Parameters;
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

    /// <summary>Where the site keeps to itself what it has of a federation from round to round: beside the rounds' folders, within which all goes with its round.</summary>
    public string Own(FederationId federation) => Path.Combine($"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(above))}.own", federation.Value);

    /// <summary>The round's update does not count, and so neither does what came of the same training and stayed here.</summary>
    public void ForgetOwn(RoundId round) => OwnTensors.Forget(Own(round.Federation), round.Number);

    /// <summary>The round that was worked on last; null where none is left.</summary>
    public RoundId? Latest() => Directory.Exists(above)
        ? new DirectoryInfo(above).EnumerateDirectories().OrderByDescending(d => d.LastWriteTimeUtc).Select(d => RoundId.OfFileName(d.Name)).FirstOrDefault(r => r is not null)
        : null;

    /// <summary>Takes a round's folder, where there is one, out of use; the action returned frees its space.</summary>
    public Action Discard(RoundId round) => GoneFolders.Of([Of(round)]);

    /// <summary>Takes every folder but a round's out of use, every one for null; the action returned frees their space.</summary>
    public Action DiscardAllBut(RoundId? kept)
    {
        string? stays = kept is { } round ? Of(round) : null;
        return Directory.Exists(above) ? GoneFolders.Of(Directory.GetDirectories(above).Where(f => f != stays)) : () => { };
    }

    /// <summary>Syncs to disk what lies in a round's folder; nothing where the round has ended meanwhile.</summary>
    public void Sync(RoundId round)
    {
        try
        {
            foreach (string path in Directory.EnumerateFiles(Of(round)))
            {
                using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
                RandomAccess.FlushToDisk(file);
            }

            DurableFile.SyncFolder(Of(round));
            DurableFile.SyncFolder(above);
        }
        catch (Exception e) when (!Directory.Exists(Of(round)) && e is IOException)
        {
            // There is nothing to keep any more.
        }
    }

    private string Of(RoundId round) => Path.Combine(above, round.FileName);
}
