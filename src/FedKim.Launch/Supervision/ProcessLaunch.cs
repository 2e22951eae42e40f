using System.Collections.Immutable;

namespace FedKim.Launch.Supervision;

/// <summary>How a process is started.</summary>
/// <param name="Name">The site, for announcements.</param>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Output">File to which everything it prints is appended.</param>
/// <param name="FinalExitCodes">Exit codes after which starting again would change nothing.</param>
/// <param name="Background">Whether it gives way to everything else on the machine.</param>
public sealed record ProcessLaunch(
    string Name, string FileName, ImmutableArray<string> Arguments, string Output, ImmutableArray<int> FinalExitCodes, bool Background = false);
