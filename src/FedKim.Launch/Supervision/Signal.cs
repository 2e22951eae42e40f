namespace FedKim.Launch.Supervision;

/// <summary>A POSIX signal, by its number; <see cref="Signals.Send"/> sends it.</summary>
public enum Signal
{
    /// <summary>Ends a process, whatever it does.</summary>
    Kill = 9,

    /// <summary>Asks a process to end.</summary>
    Terminate = 15,

    /// <summary>Lets a process go on.</summary>
    Continue = 18,

    /// <summary>Stops a process where it stands.</summary>
    Stop = 19,
}
