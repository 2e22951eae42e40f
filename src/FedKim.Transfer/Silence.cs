using System.Net.Sockets;
using System.Security.Authentication;

namespace FedKim.Transfer;

/// <summary>Why nobody answers: the few words for it that <see cref="Rounds.SiteSentences.Unreachable"/> knows.</summary>
internal static class Silence
{
    internal static string Of(Exception? cause) => cause switch
    {
        SocketException socket => socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.TimedOut => "no answer in time",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => "no host of that name",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown => "no way there",
            _ => "the connection broke",
        },
        AuthenticationException => "no certificate that both take",
        TimeoutException or OperationCanceledException => "no answer in time",
        { InnerException: { } inner } => Of(inner),
        _ => "the connection broke",
    };
}
