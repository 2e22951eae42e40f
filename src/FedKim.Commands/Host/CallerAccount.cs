using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FedKim.Commands.Host;

/// <summary>
/// The account behind a connection of this machine, as the kernel has it (proc_net_tcp, Linux): loopback is open to every account, and a node obeys
/// its own and root alone.
/// </summary>
internal static class CallerAccount
{
    private const string Established = "01", Accounts = "/etc/passwd";
    private const int Local = 1, Remote = 2, State = 3, Account = 7;
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Whose the other end of a connection is that was just taken, and whether it is obeyed: as this process's account, or root.</summary>
    /// <param name="here">This end.</param>
    /// <param name="there">The other end.</param>
    public static Caller Of(IPEndPoint here, IPEndPoint there)
    {
        // Other systems have no such table; FedKim's nodes run on Linux.
        if (!OperatingSystem.IsLinux())
            return new Caller(Environment.UserName, IsObeyed: true);
        // The table changes while it is read: a line may be missed once.
        return Found() ?? Found() ?? new Caller("unknown", IsObeyed: false);

        Caller? Found()
        {
            string[] lines = [.. Tables.Where(File.Exists).SelectMany(File.ReadLines)];
            return (Of(lines, there, here), Of(lines, here, there)) switch
            {
                (null, _) or (_, null) => null,
                (0, _) => new Caller("root", IsObeyed: true),
                ({ } caller, { } own) => caller == own ? new Caller(Environment.UserName, IsObeyed: true) : new Caller(NameOf(caller), IsObeyed: false),
            };
        }
    }

    /// <summary>The account whose end this is; null where the connection is not there any more. An end that is closed belongs to nobody: the table says 0.</summary>
    /// <param name="table">The table's lines.</param>
    /// <param name="end">The end.</param>
    /// <param name="other">The other one.</param>
    internal static uint? Of(IEnumerable<string> table, IPEndPoint end, IPEndPoint other)
    {
        // A socket of both families has an IPv4 address as an IPv6 one.
        string[] ends = Texts(end), others = Texts(other);
        foreach (string line in table)
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > Account && fields[State] == Established && ends.Contains(fields[Local]) && others.Contains(fields[Remote])
                && uint.TryParse(fields[Account], NumberStyles.None, CultureInfo.InvariantCulture, out uint account))
            {
                return account;
            }
        }
        return null;
    }

    private static string[] Texts(IPEndPoint end) => end.AddressFamily == AddressFamily.InterNetwork
        ? [Text(end.Address, end.Port), Text(end.Address.MapToIPv6(), end.Port)]
        : end.Address.IsIPv4MappedToIPv6 ? [Text(end.Address, end.Port), Text(end.Address.MapToIPv4(), end.Port)] : [Text(end.Address, end.Port)];

    // Who is in no such file, as of a directory service, has a number all the same.
    private static string NameOf(uint account)
    {
        string number = account.ToString(CultureInfo.InvariantCulture);
        try
        {
            return File.ReadLines(Accounts).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == number)?[0] ?? number;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return number;
        }
    }

    // Words of 32 bits in the machine's own order, each in hexadecimal.
    private static string Text(IPAddress address, int port)
    {
        byte[] bytes = address.GetAddressBytes();
        return string.Concat(Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToUInt32(bytes, i * 4).ToString("X8", CultureInfo.InvariantCulture)))
            + $":{port.ToString("X4", CultureInfo.InvariantCulture)}";
    }
}
