using Akka.Configuration;
using Akka.TestKit.Xunit;

namespace FedKim.Actors.Tests;

/// <summary>A kit that waits half a minute for what is to come: on a busy machine Akka's three seconds pass without anybody's fault.</summary>
public abstract class PatientKit(Config config, string? system = null) : TestKit(Patience.WithFallback(config), system)
{
    private static readonly Config Patience = ConfigurationFactory.ParseString("akka.test { single-expect-default = 30s, default-timeout = 30s }");

    protected PatientKit(string config = "") : this(ConfigurationFactory.ParseString(config))
    {
    }
}
