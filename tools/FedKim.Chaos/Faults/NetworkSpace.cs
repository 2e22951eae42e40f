using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FedKim.Chaos.Faults;

/// <summary>Opens sockets in another network namespace: a socket stays in the one that its thread was in when it was opened.</summary>
internal static class NetworkSpace
{
    private const int Network = 0x40000000;

    /// <summary>A TCP socket in the namespace of this name.</summary>
    /// <exception cref="SocketException">There is none, or this process may not enter it.</exception>
    public static Task<Socket> OpenAsync(string name)
    {
        var opened = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own, which ends with it: no other work must find itself in the namespace.
        new Thread(() =>
        {
            try
            {
                using var space = File.OpenHandle($"/run/netns/{name}");
                if (Enter((int)space.DangerousGetHandle(), Network) != 0)
                    throw new SocketException(Marshal.GetLastPInvokeError());
                opened.SetResult(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
            {
                opened.SetException(e as SocketException ?? new SocketException((int)SocketError.NetworkUnreachable));
            }
        })
        {
            IsBackground = true,
        }.Start();
        return opened.Task;
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int Enter(int descriptor, int kind);
}
