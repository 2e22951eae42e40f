using FedKim.Launch;

namespace FedKim.Node.Cli.Join;

/// <summary>One thing that was looked at before a site joins, and how it is.</summary>
/// <param name="What">What was looked at.</param>
/// <param name="Found">How it is, and what to do where that is needed.</param>
/// <param name="Code">One of <see cref="ExitCodes"/>: what the command ends with for it.</param>
/// <param name="IsDoubtful">Whether a person should know of it, though the site can join.</param>
internal sealed record Finding(string What, string Found, int Code = ExitCodes.Ok, bool IsDoubtful = false)
{
    /// <summary>Whether the site cannot join with it.</summary>
    public bool IsWrong => Code != ExitCodes.Ok;

    /// <summary>What a person should know of.</summary>
    public static Finding Doubt(string what, string found) => new(what, found, IsDoubtful: true);

    /// <summary>What starting again does not change.</summary>
    public static Finding Wrong(string what, string found) => new(what, found, ExitCodes.Configuration);

    /// <summary>A line of it.</summary>
    public override string ToString() => $"{(IsWrong ? "WRONG" : IsDoubtful ? "warning" : "ok"),-7} | {What,-11} | {Found}";
}
