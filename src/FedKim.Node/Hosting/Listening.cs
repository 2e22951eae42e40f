using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using FedKim.Configuration;
using FedKim.Launch.Machine;

namespace FedKim.Node.Hosting;

/// <summary>Where a node listens: looked at before anything is started, by the address that is used.</summary>
internal static class Listening
{
    /// <summary>The address that a node listens on for other nodes.</summary>
    /// <exception cref="InvalidConfigurationException">Its name leads to no address, or to another machine's.</exception>
    public static async Task<IPAddress> AddressOf(NodeConfiguration node)
    {
        string setting = $"{node.File}: fedkim.cluster.{(node.Bind == node.Host ? "host" : "bind")} is \"{node.Bind}\"";
        if (!IPAddress.TryParse(node.Bind, out var address))
        {
            try
            {
                address = (await Dns.GetHostAddressesAsync(node.Bind)).FirstOrDefault();
            }
            catch (Exception e) when (e is SocketException or ArgumentException)
            {
                address = null;
            }
            if (address is null)
                throw Wrong($"{setting}, and this machine finds no address for that name. Correct the name, or write the address.");
        }
        // Port 0 is any free one: only the address can be refused.
        if (Ports.Problem(address, 0) is { } problem)
        {
            string own = string.Join(", ", NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
                .Where(a => a.AddressFamily == AddressFamily.InterNetwork).Distinct());
            throw Wrong($"{setting}, and {problem}; it has {own}. Name one of these, or, where others reach this node under an address of another machine, set fedkim.cluster.bind to one of these.");
        }
        return address;
    }

    /// <summary>Whether a host is this machine's own address, which nobody else hears.</summary>
    public static bool IsLoopback(string host) => IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address);

    /// <summary>Refuses ports on which this node cannot listen.</summary>
    /// <exception cref="InvalidConfigurationException">Another program listens there, or this account may not.</exception>
    public static void CheckPorts(NodeConfiguration node, IPAddress address)
    {
        string[] taken =
        [
            .. from port in node.Listens()
               let problem = Ports.Problem(port.OnLoopback ? IPAddress.Loopback : address, port.Port)
               where problem is not null
               select Taken(node, port.Key, port.Port, problem),
        ];
        if (taken.Length > 0)
            throw new InvalidConfigurationException(taken);
    }

    /// <summary>Starts what listens on one of the node's ports: another program may have come first since that was looked at.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot listen there.</exception>
    public static async Task<T> Start<T>(NodeConfiguration node, Func<(string Key, int Port, bool OnLoopback), bool> which, Func<Task<T>> start)
    {
        try
        {
            return await start();
        }
        catch (Exception e) when (Socket(e) is not null)
        {
            var (key, port, _) = node.Listens().First(which);
            throw Wrong(Taken(node, key, port, Ports.Reason(Socket(e)!.SocketErrorCode, IPAddress.Any)));
        }
    }

    private static SocketException? Socket(Exception? e) => e switch
    {
        null => null,
        SocketException socket => socket,
        AggregateException many => many.InnerExceptions.Select(Socket).FirstOrDefault(found => found is not null),
        _ => Socket(e.InnerException),
    };

    private static string Taken(NodeConfiguration node, string key, int port, string problem) =>
        $"{node.File}: fedkim.{key} is {port}, and {problem}. End what listens there, or give this node another port.";

    private static InvalidConfigurationException Wrong(string problem) => new([problem]);
}
