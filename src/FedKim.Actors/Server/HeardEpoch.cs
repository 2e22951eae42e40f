namespace FedKim.Actors.Server;

/// <summary>
/// The latest epoch that anybody has told a node's coordinators of. A journal that was restored ends with an earlier one: its coordinator
/// goes past what its sites have heard of at once, and not one by one.
/// </summary>
public sealed class HeardEpoch
{
    private int _value;

    /// <summary>0 before the first.</summary>
    public int Value => Volatile.Read(ref _value);

    /// <summary>Somebody spoke of this one.</summary>
    public void Heard(int epoch) => Volatile.Write(ref _value, Math.Max(Value, epoch));
}
