using FedKim.Rounds;

namespace FedKim.Chaos.Scenarios;

/// <summary>A moment in a federation's life that can be waited for. One that has passed already counts as come.</summary>
internal interface IMoment;

/// <summary>The moments a scenario can name; written as they are printed.</summary>
internal static class Moments
{
    /// <summary>A round's journal holds so many events, at least 1.</summary>
    public sealed record RoundHas(int Round, int Events) : IMoment
    {
        public override string ToString() => $"round {Round} has {Events} {(Events == 1 ? "event" : "events")}";
    }

    /// <summary>A round is in a phase, with at least so many contributions.</summary>
    /// <param name="Of">How many sites are invited, for the reader; 0 where that is not said.</param>
    public sealed record RoundIs(int Round, Phase Phase, int Accepted = 0, int Of = 0) : IMoment
    {
        public override string ToString() => $"round {Round} is {Phase}{(Accepted == 0 ? "" : $" with {Accepted}{(Of == 0 ? "" : $" of {Of}")} accepted")}";
    }

    /// <summary>A hospital or the injector does something, as its status says: <c>training</c>, <c>sending</c>, <c>injecting</c>, ….</summary>
    public sealed record SiteIs(string Site, string Activity) : IMoment
    {
        public override string ToString() => $"{Site} is {Activity}";
    }
}
