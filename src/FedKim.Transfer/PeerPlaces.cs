using FedKim.Certificates;

namespace FedKim.Transfer;

/// <summary>How many connections a peer has: a node needs a line and a few transfers, and whoever opens one after another would take everybody's place.</summary>
internal sealed class PeerPlaces
{
    /// <summary>Connections of one peer at a time.</summary>
    internal const int Most = 32;

    private readonly Lock _turn = new();
    private readonly Dictionary<PeerId, int> _taken = [];
    private readonly HashSet<PeerId> _told = [];

    /// <summary>Takes a place, which is given back by <see cref="Leave"/>.</summary>
    /// <param name="peer">Whose it is.</param>
    /// <param name="news">Whether it is the first that is refused since the peer had few.</param>
    /// <returns>False where the peer has them all.</returns>
    internal bool Enter(PeerId peer, out bool news)
    {
        lock (_turn)
        {
            int taken = _taken.GetValueOrDefault(peer);
            news = taken >= Most && _told.Add(peer);
            if (taken >= Most)
                return false;
            _taken[peer] = taken + 1;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    internal void Leave(PeerId peer)
    {
        lock (_turn)
        {
            int left = --_taken[peer];
            if (left == 0)
                _taken.Remove(peer);
            // At the limit itself, places come and go.
            if (left <= Most / 2)
                _told.Remove(peer);
        }
    }
}
