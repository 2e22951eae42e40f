using System.Security.Cryptography;
using System.Text;
using FedKim.Certificates;
using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>
/// Whose an update is, as it stands beside it on the disk: the site's name, and a digest of it and of the update's. A name that a disk has changed
/// would be another site's; a note that is not whole says nothing.
/// </summary>
public static class UpdateNote
{
    // Of an update that came without a certificate.
    private const string Nobody = "-";

    /// <summary>The note of an update; null for whom it is where it came without a certificate.</summary>
    public static string Of(Digest update, ClientId? owner) => Of(update, owner?.Value ?? Nobody);

    /// <summary>Whether a text is an update's whole note, and whose it says the update is.</summary>
    public static bool TryRead(string text, Digest update, out ClientId? owner)
    {
        string name = text.Split(' ')[0];
        bool whole = text == Of(update, name) && (name == Nobody || PeerId.IsSite(name));
        owner = whole && name != Nobody ? new ClientId(name) : null;
        return whole;
    }

    private static string Of(Digest update, string name) => $"{name} {Digest.Of(SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {update.Hex}")))}";
}
