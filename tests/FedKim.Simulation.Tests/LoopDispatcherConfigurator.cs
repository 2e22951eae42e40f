using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace FedKim.Simulation.Tests;

/// <summary>Runs every actor, and all other work of the actor system, on the loop, as its machine's.</summary>
public sealed class LoopDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly LoopDispatcher _dispatcher;

    public LoopDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : base(config, prerequisites) =>
        _dispatcher = new LoopDispatcher(this);

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => _dispatcher;

    private sealed class LoopDispatcher : MessageDispatcher
    {
        // Libraries may go on, for a moment, on threads that are not the loop's.
        private readonly Cluster _cluster = Cluster.Current;

        // One message at a time, so that as many orders as possible are met.
        public LoopDispatcher(MessageDispatcherConfigurator configurator) : base(configurator) => Throughput = 1;

        protected override void ExecuteTask(IRunnable run) => _cluster.Loop.Enqueue(MachineOf(run), run.Run);

        protected override void Shutdown()
        {
        }

        private Machine MachineOf(IRunnable run) =>
            run is Mailbox mailbox ? _cluster.MachineOf(ActorOf(mailbox).Self.Path) : _cluster.Loop.Running;

        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Actor")]
        private static extern ActorCell ActorOf(Mailbox mailbox);
    }
}
