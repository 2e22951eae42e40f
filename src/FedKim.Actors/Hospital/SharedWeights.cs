using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Hospital;

/// <summary>A node's weights, where several of its sites may work from the same model: a file goes when none of them needs it any more.</summary>
/// <param name="store">The node's weights.</param>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class SharedWeights(WeightStore store)
{
    private readonly Lock _turn = new();
    private readonly Dictionary<Digest, int> _needs = [];
    private bool _swept;
    private int _shares;

    /// <summary>The node's weights.</summary>
    public WeightStore Store => store;

    /// <summary>A site's part in them.</summary>
    internal WeightShare Share()
    {
        lock (_turn)
            _shares++;
        return new WeightShare(this);
    }

    /// <summary>A part is given back.</summary>
    internal void Leave()
    {
        lock (_turn)
            _shares--;
    }

    /// <summary>One more needs a file.</summary>
    internal void Need(Digest digest)
    {
        lock (_turn)
            _needs[digest] = _needs.GetValueOrDefault(digest) + 1;
    }

    /// <summary>One needs these files no more, and is about to say what it needs.</summary>
    internal void Drop(IEnumerable<Digest> digests)
    {
        lock (_turn)
        {
            foreach (var digest in digests)
            {
                if (--_needs[digest] == 0)
                    _needs.Remove(digest);
            }

            _swept = false;
        }
    }

    /// <summary>
    /// One needs these files no more; those that nobody does are taken out of use, and with the first of them what an earlier process left; with each of
    /// them, where a single site is here, for whom nobody lists many. The action returned frees their space.
    /// </summary>
    /// <exception cref="IOException">One cannot be taken out; it goes with the next.</exception>
    internal Action Free(IEnumerable<Digest> digests)
    {
        lock (_turn)
        {
            List<Digest> gone = [];
            foreach (var digest in digests)
            {
                if (--_needs[digest] > 0)
                    continue;
                _needs.Remove(digest);
                gone.Add(digest);
            }

            // What is no copy goes when its server says so.
            if (!store.HoldsCopies)
                return () => { };
            if (!_swept)
                gone.AddRange(store.List().Where(d => !_needs.ContainsKey(d)));
            _swept = false;
            var free = store.Discard([.. gone.Distinct()]);
            _swept = _shares > 1;
            return free;
        }
    }
}

/// <summary>What one site needs of its node's weights.</summary>
/// <param name="shared">The node's.</param>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class WeightShare(SharedWeights shared)
{
    private readonly Lock _turn = new();
    private readonly HashSet<Digest> _needed = [];

    /// <summary>Takes in a file that the site has made.</summary>
    /// <exception cref="IOException">See <see cref="WeightStore.Import"/>.</exception>
    public void Take(WeightFile file)
    {
        lock (_turn)
        {
            Need(file.Digest);
            shared.Store.Import(file);
        }
    }

    /// <summary>The site goes; another that takes its place says anew what it needs. What it needed stays until then.</summary>
    public void Leave()
    {
        lock (_turn)
        {
            shared.Drop(_needed);
            _needed.Clear();
        }

        shared.Leave();
    }

    /// <summary>The site needs this model, and nothing else; null for nothing at all. The action returned frees the space of what nobody needs.</summary>
    /// <exception cref="IOException">What nobody needs cannot be taken out of use; it goes with the next.</exception>
    public Action NeedOnly(Digest? model)
    {
        if (model is { } needed)
            Need(needed);
        lock (_turn)
        {
            Digest[] others = [.. _needed.Where(d => d != model)];
            _needed.ExceptWith(others);
            return shared.Free(others);
        }
    }

    private void Need(Digest digest)
    {
        lock (_turn)
        {
            if (_needed.Add(digest))
                shared.Need(digest);
        }
    }
}
