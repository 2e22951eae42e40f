using FedKim.Launch.Progress;


namespace FedKim.Experiments;

/// <summary>Tells of a cell's federation what matters among many: its rounds, and what goes wrong.</summary>
/// <param name="cell">The cell's name.</param>
/// <param name="say">Told each line.</param>
public sealed class CellView(string cell, Action<string> say) : IProgressView
{
    private int _committed;

    /// <inheritdoc/>
    public void Show(Snapshot? snapshot)
    {
        if (snapshot is null || snapshot.Federation.CommittedRounds == _committed)
            return;
        _committed = snapshot.Federation.CommittedRounds;
        Say($"{_committed} of {snapshot.Federation.Rounds} rounds are committed");
    }

    /// <inheritdoc/>
    public void Say(string line) => say($"{cell}: {line}");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
