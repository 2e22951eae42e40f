using System.Runtime.InteropServices;

namespace FedKim.Launch.Machine;

/// <summary>Turns Ctrl-C and SIGTERM into a request to end in order. A second Ctrl-C ends the process at once.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="leaveInterruptToParent">
    /// For a process that another one ends: a terminal sends Ctrl-C to all processes in it, and this one is not to go before it is asked.
    /// </param>
    public StopSignals(bool leaveInterruptToParent = false)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
            {
                if (leaveInterruptToParent)
                    signal.Cancel = true;
                else
                    Stop(signal);
            }),
        ];
    }

    /// <summary>Cancelled when the process is to end.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Asks for the end from within.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = !_stop.IsCancellationRequested;
        _stop.Cancel();
    }
}
