using Akka.Actor;
using Akka.Event;
using FedKim.Actors.Leases;

namespace FedKim.Actors.Members;

/// <summary>Watches on a server for <see cref="LeaseNews"/> about the lease of who leads.</summary>
public sealed class LeaseWatch : ReceiveActor
{
    /// <param name="leave">Ends the actor system; a new one is to join again.</param>
    /// <param name="refused">Told that another holds the lease; null where that is nothing new.</param>
    public LeaseWatch(Action leave, Action<LeaseOwner>? refused)
    {
        Receive<LeaseNews.Refused>(news => news.Lease == ServerLease.Name, news => refused?.Invoke(news.Holder));
        Receive<LeaseNews.HeldBetween>(_ =>
        {
            Context.GetLogger().Warning("Another server has led since this one lost the lease; this one joins again before it may lead anew");
            leave();
        });
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(LeaseNews.Refused));
        Context.System.EventStream.Subscribe(Self, typeof(LeaseNews.HeldBetween));
    }
}
