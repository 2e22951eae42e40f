using System.Globalization;

namespace FedKim.Launch.Answers;

/// <summary>Until when a node's certificate counts, in words, and well before it ends what to do.</summary>
public static class CertificateEnd
{
    /// <summary>How long before its end people are told to renew it.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(30);

    /// <summary>Whether it is time to renew it.</summary>
    public static bool IsNear(DateTimeOffset ends, DateTimeOffset now) => ends - now < Ahead;

    /// <summary>The words.</summary>
    public static string Of(DateTimeOffset ends, DateTimeOffset now)
    {
        string until = ends.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        return ends <= now ? $"ended at {until}: nobody hears this node. Renew it: fedkim certs renew"
            : IsNear(ends, now) ? string.Create(CultureInfo.InvariantCulture, $"until {until}, {(int)(ends - now).TotalDays} days: renew it (fedkim certs renew)")
            : $"until {until}";
    }
}
