using System.Globalization;
using System.Text;

namespace FedKim.Node.Cli.Join;

/// <summary>What an answer over HTTP/1.1 begins with. Of what somebody says no more is taken than a head may have.</summary>
/// <param name="Status">Its number.</param>
/// <param name="Date">The answerer's clock, to the second; null where it does not say.</param>
internal sealed record AnswerHead(int Status, DateTimeOffset? Date)
{
    private const int MostBytes = 16 * 1024;

    /// <summary>Reads one, and nothing behind it.</summary>
    /// <returns>Null for anything that is none.</returns>
    /// <exception cref="EndOfStreamException">The line ends before anything was said.</exception>
    /// <exception cref="IOException">The line is cut.</exception>
    public static async Task<AnswerHead?> ReadAsync(Stream line, CancellationToken cancel)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (head.Length < MostBytes)
        {
            if (await line.ReadAsync(one, cancel) == 0)
                return head.Length > 0 ? null : throw new EndOfStreamException("The connection was ended.");
            head.Append((char)one[0]);
            if (one[0] == '\n' && head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n")
                return Of(head.ToString());
            if (head.Length == 5 && head.ToString() != "HTTP/")
                return null;
        }

        return null;
    }

    private static AnswerHead? Of(string head)
    {
        string[] lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        if (lines[0].Split(' ') is not [_, var number, ..] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            return null;
        string? date = lines.Skip(1).FirstOrDefault(line => line.StartsWith("Date:", StringComparison.OrdinalIgnoreCase));
        return new AnswerHead(
            status, date is not null && DateTimeOffset.TryParseExact(date[5..].Trim(), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null);
    }
}
