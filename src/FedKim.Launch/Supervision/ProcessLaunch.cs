using System.Collections.Immutable;

namespace FedKim.Launch.Supervision;

/// <summary>How a process is started.</summary>
/// <param name="Name">The site, for announcements.</param>
/// <param name="Words">The executable and its arguments.</param>
/// <param name="Output">File to which everything it prints is appended.</param>
public sealed record ProcessLaunch(string Name, ImmutableArray<string> Words, string Output)
{
    /// <summary>Exit codes after which starting again would change nothing.</summary>
    public ImmutableArray<int> FinalExitCodes { get; init; } = [];

    /// <summary>Whether it gives way to everything else on the machine: who trains on every core must not keep the server, or a person who asks it, waiting.</summary>
    public bool Background { get; init; }

    /// <summary>Set in its surroundings, over those of whoever starts it.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;
}
