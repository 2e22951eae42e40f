using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Akka.Actor;

namespace FedKim.Actors.Tests.Leaving;

/// <summary>Every byte that a site sends, by either way: messages as they are written for the wire, and requests for weights.</summary>
internal sealed class Crossing
{
    private readonly ConcurrentQueue<byte[]> _sent = [];

    /// <summary>How many messages and requests there were.</summary>
    public int Count => _sent.Count;

    /// <summary>Bytes in all.</summary>
    public long Bytes => _sent.Sum(bytes => (long)bytes.Length);

    /// <summary>Whether a text is in any of them, in one of the encodings that texts travel in.</summary>
    public bool Holds(string text) => _sent.Any(bytes => Encodings.Any(encoding => bytes.AsSpan().IndexOf(encoding.GetBytes(text)) >= 0));

    /// <summary>The server, as a site sees it: writes down what it is told and passes it on.</summary>
    public Props Server(IActorRef next) => Props.Create(() => new Listener(this, next));

    /// <summary>A weight plane that takes everything.</summary>
    public HttpMessageHandler Weights() => new Plane(this);

    private static Encoding[] Encodings => [Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode];

    private sealed class Listener : ReceiveActor
    {
        public Listener(Crossing crossing, IActorRef next) => ReceiveAny(message =>
        {
            crossing._sent.Enqueue(Context.System.Serialization.Serialize(message));
            next.Tell(message);
        });
    }

    private sealed class Plane(Crossing crossing) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
        {
            byte[] body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancel) : [];
            crossing._sent.Enqueue([.. Encoding.UTF8.GetBytes($"{request.Method} {request.RequestUri}\n{request.Headers}{request.Content?.Headers}\n"), .. body]);
            return new HttpResponseMessage(request.Method == HttpMethod.Put ? HttpStatusCode.Created : HttpStatusCode.NotFound);
        }
    }
}
