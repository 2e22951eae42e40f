using System.Threading.Channels;
using FedKim.Protocol.Framed;

namespace FedKim.Actors.Links;

/// <summary>Opens a line to a server and keeps it until it ends.</summary>
/// <param name="door">The server's door, <c>host:port</c>.</param>
/// <param name="said">What the site says.</param>
/// <param name="heard">Told what the server says, in its order.</param>
/// <param name="end">Ends the line.</param>
/// <returns>Ends when the server has ended the line, or fails with a <see cref="LinkException"/>.</returns>
public delegate Task Dial(string door, ChannelReader<SiteFrame> said, Action<ServerFrame> heard, CancellationToken end);
