using System.Reflection;
using FedKim.Certificates;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Pbm;

const string usage = """
    pbm inspects and steers a running FedKim node.

      pbm [host:port] <palette> <command> [-switch value]…
                          runs one command
      pbm [host:port]     opens a session
      pbm [host:port] help [palette [command]]
                          lists what the node can do; where none answers, what a
                          node of this version can
      pbm --version       says of which build this is; no node is asked
      pbm completion bash|zsh|fish
                          prints what lets a shell complete pbm's lines
      pbm --certificate DIR host:port …
                          asks a server at its door, as an operator or an observer;
                          DIR has the certificate, its key, and the authority's
                          certificate

    With every command:
      -o wide             shows every field, and digests whole
      -o json, --json     answers in JSON
      --watch [SECONDS]   asks again and again, every 2 seconds, until Ctrl-C
      -y, --yes           does not ask before something is changed; where nobody
                          can be asked, it must be there

    Without an address pbm asks 127.0.0.1:9110. In a session: help, exit, Tab
    completes, the arrow keys bring back earlier lines, Ctrl-C ends the running
    command. A session that reads from a file or pipe ends with the exit code of its
    last command.

    Exit codes:
      0    done; also a stream that was ended with Ctrl-C
      1    the node could not do it, or refused
      2    usage: no such palette, command or switch, or a malformed value
      3    nothing answers at the address, or the node went away before it had answered
      4    what answers there is no FedKim node, speaks another version of the
           protocol, or did not answer in time
      130  ended with Ctrl-C before the answer had come
    """;

if (args is ["--help" or "-h", ..])
{
    Console.Out.WriteLine(usage);
    return 0;
}

if (args is ["--version" or "version"])
{
    Console.Out.WriteLine(Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
    return 0;
}

if (args is ["completion", ..])
{
    try
    {
        Console.Out.WriteLine(Shells.Script(args[1..]));
        return 0;
    }
    catch (CommandException e)
    {
        Console.Error.WriteLine($"pbm: {e.Message}");
        return (int)e.Fault;
    }
}

if (args is [Shells.Ask, var line])
{
    foreach (string next in Shells.Next(line))
        Console.Out.WriteLine(next);
    return 0;
}

using var trust = args is ["--certificate", var folder, ..] ? Trust(folder) : null;
if (args is ["--certificate", ..])
{
    if (trust is null)
        return (int)CommandFault.Usage;
    args = args[2..];
    if (args is not [var at, ..] || !at.Contains(':', StringComparison.Ordinal))
    {
        Console.Error.WriteLine("pbm: --certificate DIR is followed by a server's door, as host:port, for example server.example.org:9101.");
        return (int)CommandFault.Usage;
    }
}

var address = args.Length > 0 && args[0].Contains(':', StringComparison.Ordinal) ? NodeAddress.TryParse(args[0]) : NodeAddress.Default;
if (address is null)
{
    Console.Error.WriteLine($"pbm: '{args[0]}' is no address; it is written host:port, for example {NodeAddress.Default}.");
    return (int)CommandFault.Usage;
}

string[] words = args.Length > 0 && args[0].Contains(':', StringComparison.Ordinal) ? args[1..] : args;
await using var session = new Session(address, trust is null ? null : new PeerTls(trust).ToServer(), Console.Out, Console.Error);
Console.CancelKeyPress += (_, pressed) => pressed.Cancel = session.Interrupt();
return words.Length > 0 ? await session.RunAsync(words) : await session.ConverseAsync();

static PeerTrust? Trust(string folder)
{
    try
    {
        return PeerTrust.Load(TrustFiles.In(folder), TimeProvider.System, _ => { });
    }
    catch (CertificateException e)
    {
        Console.Error.WriteLine($"pbm: --certificate {folder}: {e.Message}");
        return null;
    }
}
