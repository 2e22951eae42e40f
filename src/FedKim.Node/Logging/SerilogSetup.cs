using Akka.Actor.Setup;

namespace FedKim.Node.Logging;

/// <summary>Hands the node's log to the actor system's logger.</summary>
internal sealed class SerilogSetup(Serilog.ILogger log) : Setup
{
    public Serilog.ILogger Log { get; } = log;
}
