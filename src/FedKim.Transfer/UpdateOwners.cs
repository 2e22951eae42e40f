using System.Text;
using FedKim.Parameters;
using FedKim.Rounds;
using Microsoft.AspNetCore.Http;

namespace FedKim.Transfer;

/// <summary>
/// Which certified sites may bring updates to a round, and whose each update is: a site brings its own, and few. Whose one is stands beside it as
/// <c>&lt;digest&gt;.of</c>, from before it counts as there, and goes with the round's folder. An update without its whole note is one that a
/// disk or a power cut has taken the note of, and does not count as there.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class UpdateOwners(string folder)
{
    private const string Suffix = ".of";

    // One that counts or is looked at, and one that was made again.
    private const int MostOfASite = 2;

    private readonly Lock _turn = new();
    private readonly Dictionary<ClientId, List<Digest>> _brought = [];
    private readonly Dictionary<Digest, int> _arriving = [];
    private readonly Dictionary<ClientId, Digest> _looked = [];
    private Dictionary<Digest, ClientId?>? _owners;
    private (Round Round, Roster Roster)? _known;

    /// <summary>Says how the round stands: who is invited, and what counts already. Nothing of it is copied.</summary>
    internal void Admit(Round round, Roster roster)
    {
        lock (_turn)
            _known = (round, roster);
    }

    /// <summary>How the round stood is not known any more, until it is said anew.</summary>
    internal void Forget()
    {
        lock (_turn)
        {
            _known = null;
            _looked.Clear();
        }
    }

    /// <summary>A site's update is looked at: it stays until another of the site is.</summary>
    internal void Look(ClientId site, Digest update)
    {
        lock (_turn)
            _looked[site] = update;
    }

    /// <summary>Whose update it is; null where nobody has noted that.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    internal ClientId? Of(Digest update)
    {
        lock (_turn)
            return Owners().GetValueOrDefault(update);
    }

    /// <summary>Whether it stands beside an update whose it is, or that it came without a certificate.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    internal bool Knows(Digest update)
    {
        lock (_turn)
            return Owners().ContainsKey(update);
    }

    /// <summary>Why a site may not bring an update, or ask of it; null where it may.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    internal (int Status, string Words)? Refusal(ClientId site, Digest update)
    {
        lock (_turn)
        {
            if (_known is not { } known)
                return (StatusCodes.Status503ServiceUnavailable, "It is not known here yet who is invited to this round.");
            if (!known.Roster.Admits(known.Round, site))
                return (StatusCodes.Status403Forbidden, $"{site} is not invited to this round; its updates are not taken.");
            bool others = Of(update) is { } owner ? owner != site : !Counts(site, update) && known.Round.Contributors.ContainsKey(update);
            return others ? (StatusCodes.Status403Forbidden, $"Update {update.Short} is another site's; it is not taken of {site}.") : null;
        }
    }

    /// <summary>
    /// Lets a site bring an update, until what is returned is disposed of. Its newest takes the place of its oldest that neither counts nor is looked
    /// at; null while all that it may bring arrive still.
    /// </summary>
    /// <param name="remove">Removes an update that was replaced.</param>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    internal IDisposable? Enter(ClientId site, Digest update, Action<Digest> remove)
    {
        lock (_turn)
        {
            var owners = Owners();
            if (!_brought.TryGetValue(site, out var own))
                _brought.Add(site, own = []);
            if (!own.Contains(update))
            {
                if (own.Count >= MostOfASite)
                {
                    int oldest = own.FindIndex(d => !Counts(site, d) && !_arriving.ContainsKey(d));
                    if (oldest < 0)
                        return null;
                    remove(own[oldest]);
                    File.Delete(PathOf(own[oldest]));
                    owners.Remove(own[oldest]);
                    own.RemoveAt(oldest);
                }

                own.Add(update);
            }

            _arriving[update] = _arriving.GetValueOrDefault(update) + 1;
            return new Place(this, update);
        }
    }

    /// <summary>Notes whose an update is that is about to count as there; the note stands when this returns. Who noted it first is right.</summary>
    /// <param name="update">The update, which nobody else brings now.</param>
    /// <param name="owner">Whose it is; null for whom it counts for, where it does.</param>
    /// <exception cref="IOException">The disk is full or fails, or the round is over.</exception>
    internal void Note(Digest update, ClientId? owner)
    {
        lock (_turn)
        {
            if (owner is null && _known is { } known && known.Round.Contributors.TryGetValue(update, out var contributor))
                owner = contributor;
            bool isNoted = Owners().TryGetValue(update, out var noted);
            owner = noted ?? owner;
            // Somebody may have removed the folder.
            if (isNoted && owner == noted && File.Exists(PathOf(update)))
                return;
        }

        WholeFile.Write(PathOf(update), Encoding.UTF8.GetBytes(UpdateNote.Of(update, owner)));
        lock (_turn)
            Owners()[update] = owner;
    }

    private bool Counts(ClientId site, Digest update) =>
        (_known?.Round.Accepted.GetValueOrDefault(site)?.Update == update) || (_looked.TryGetValue(site, out var looked) && looked == update);

    private Dictionary<Digest, ClientId?> Owners()
    {
        if (_owners is not null)
            return _owners;
        Dictionary<Digest, ClientId?> found = [];
        if (Directory.Exists(folder))
        {
            foreach (var note in new DirectoryInfo(folder).EnumerateFiles($"*{Suffix}").OrderBy(f => f.LastWriteTimeUtc))
            {
                if (Digest.TryParse(Path.GetFileNameWithoutExtension(note.Name), out var update) && UpdateNote.TryRead(File.ReadAllText(note.FullName), update, out var owner))
                    found[update] = owner;
            }
        }

        foreach (var (update, whose) in found)
        {
            if (whose is not { } site)
                continue;
            if (!_brought.TryGetValue(site, out var own))
                _brought.Add(site, own = []);
            own.Add(update);
        }

        return _owners = found;
    }

    private string PathOf(Digest update) => Path.Combine(folder, update.Hex + Suffix);

    private sealed class Place(UpdateOwners owners, Digest update) : IDisposable
    {
        public void Dispose()
        {
            lock (owners._turn)
            {
                if (--owners._arriving[update] == 0)
                    owners._arriving.Remove(update);
            }
        }
    }
}
