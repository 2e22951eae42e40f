using Akka.Event;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// Who has loaded other packages than this server: what a plan's names stand for, a strategy's or a reader's, is then not the same everywhere. Said
/// once for each node and what it has.
/// </summary>
/// <param name="own">This server's, as <see cref="PackagePrint"/> writes them.</param>
/// <param name="log">Where it is said.</param>
internal sealed class OtherPackages(string own, ILoggingAdapter log)
{
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    /// <summary>A node says which it has.</summary>
    /// <param name="who">The node, for people.</param>
    /// <param name="theirs">Its packages.</param>
    /// <returns>What is to be said of it; empty where both have the same.</returns>
    public string Heard(string who, string theirs)
    {
        if (theirs == own)
        {
            _said.Remove(who);
            return "";
        }

        string what = $"packages {Shown(theirs)}, the server's {Shown(own)}";
        if (_said.GetValueOrDefault(who) != theirs)
            log.Warning("{Who} has loaded other packages than this server ({What}): a strategy, reader or metric of theirs may be another one there. Give every node the same fedkim.extensions", who, what);
        _said[who] = theirs;
        return what;
    }

    private static string Shown(string print) => print.Length > 0 ? print : "none";
}
