namespace FedKim.Data.Demo;

/// <summary>Samples over all places, however many hospitals there are.</summary>
internal sealed record DemoSize(int Pictures, int Records, int Stays)
{
    public static DemoSize Full { get; } = new(2000, 1000, 1200);
}
