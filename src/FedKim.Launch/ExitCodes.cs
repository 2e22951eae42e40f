namespace FedKim.Launch;

/// <summary>What the program's exit codes mean. Scripts rely on them; a number never changes its meaning.</summary>
public static class ExitCodes
{
    /// <summary>Everything asked for was done.</summary>
    public const int Ok = 0;

    /// <summary>The federation ended without all of its rounds committed, a node could not be kept running, or refused what it was asked for.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>A configuration file, a folder it names or a port it asks for cannot be used. Starting again changes nothing.</summary>
    public const int Configuration = 3;

    /// <summary>A data set or a model cannot be used.</summary>
    public const int Data = 4;

    /// <summary>No node, or no database, answers at the given address.</summary>
    public const int Unreachable = 5;

    /// <summary>Ended by Ctrl-C or SIGTERM before it was done.</summary>
    public const int Interrupted = 130;
}
