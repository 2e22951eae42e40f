namespace FedKim.Actors.Tests;

/// <summary>Holds up whoever passes until it is opened.</summary>
internal sealed class Gate
{
    private readonly ManualResetEventSlim _open = new();

    public void Open() => _open.Set();

    public void Pass(CancellationToken cancel) => _open.Wait(TimeSpan.FromSeconds(60), cancel);
}
