using System.Text;

namespace FedKim.Actors.Server.Answers;

/// <summary>Cuts answers by their bytes: a message above the transport's frame of 128,000 bytes never arrives.</summary>
internal static class Page
{
    /// <summary>What an answer may hold; the rest of the frame is for names of types and fields.</summary>
    public const int Bytes = 80_000;

    // What a record costs besides its texts.
    private const int Record = 64;
    private const int LongestText = 2_000;

    /// <summary>As many of the items as one answer may hold, at least one where there is any.</summary>
    /// <param name="items">The items.</param>
    /// <param name="bytes">What each takes.</param>
    /// <param name="room">What they may take.</param>
    public static (T[] Items, bool More) Cut<T>(IEnumerable<T> items, Func<T, int> bytes, int room = Bytes)
    {
        var page = new List<T>();
        foreach (var item in items)
        {
            room -= bytes(item);
            if (room < 0 && page.Count > 0)
                return ([.. page], true);
            page.Add(item);
        }

        return ([.. page], false);
    }

    /// <summary>What a record of these texts takes.</summary>
    public static int Of(params ReadOnlySpan<string> texts)
    {
        int bytes = Record;
        foreach (string text in texts)
            bytes += Encoding.UTF8.GetByteCount(text) + 8;
        return bytes;
    }

    /// <summary>A reason or cause, cut where it is so long that nobody would read it to its end.</summary>
    public static string Brief(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";
}
