namespace FedKim.Node.Cli.Join;

/// <summary>Compares this machine's clock with a server's. Certificates count by the clock of whoever looks at them.</summary>
internal static class ClockCheck
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    /// <summary>What is found.</summary>
    /// <param name="server">The server.</param>
    /// <param name="theirs">What its clock said, cut off to the second.</param>
    /// <param name="asked">When it was asked, by this machine's clock.</param>
    /// <param name="answered">When its answer came, by this machine's clock.</param>
    public static Finding Of(string server, DateTimeOffset theirs, DateTimeOffset asked, DateTimeOffset answered)
    {
        var here = asked + ((answered - asked) / 2);
        var ahead = here - (theirs + TimeSpan.FromSeconds(0.5));
        // As exact as what is compared.
        var doubt = TimeSpan.FromSeconds(1) + ((answered - asked) / 2);
        string what = ahead.Duration() <= doubt ? $"agrees with that of {server}" : $"is {Span.Text(ahead.Duration())} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} that of {server}";
        return ahead.Duration() > Most
            ? Finding.Doubt("clock", $"this machine's clock {what}. Set both by time servers (NTP): certificates count, and deadlines pass, by the clock")
            : new Finding("clock", $"this machine's clock {what}");
    }
}
