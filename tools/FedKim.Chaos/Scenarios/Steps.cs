using System.Collections.Immutable;
using System.Globalization;
using FedKim.Rounds;

namespace FedKim.Chaos.Scenarios;

/// <summary>One thing that a scenario does or expects.</summary>
internal interface IStep;

/// <summary>A step that disturbs nodes for a time.</summary>
internal interface ILastingStep : IStep
{
    string Node { get; }

    TimeSpan Time { get; }
}

/// <summary>Which way a link is cut, seen from the node.</summary>
internal enum Way
{
    Both,
    Inbound,
    Outbound,
}

/// <summary>
/// The steps of scenarios; written as they are printed. Nodes are named by their site, or as <c>coordinator</c> (the server that hosts it),
/// <c>servers</c>, <c>hospitals</c> or <c>everything</c>; several with <c>and</c> between them.
/// </summary>
internal static class Steps
{
    public sealed record When(IMoment Moment) : IStep
    {
        public override string ToString() => $"when {Moment}";
    }

    public sealed record Wait(TimeSpan Time) : IStep
    {
        public override string ToString() => $"wait {Words.Of(Time)}";
    }

    /// <summary>SIGKILL: the machine keeps what was written.</summary>
    public sealed record Kill(string Node) : IStep
    {
        public override string ToString() => $"kill {Node}";
    }

    /// <summary>SIGKILL, and what nobody told the disk to keep is torn or gone.</summary>
    public sealed record CutPower(string Node) : IStep
    {
        public override string ToString() => $"cut the power of {Node}";
    }

    /// <summary>SIGTERM, then waits for the end.</summary>
    public sealed record Terminate(string Node) : IStep
    {
        public override string ToString() => $"terminate {Node}";
    }

    /// <summary>SIGSTOP, and SIGCONT after the time.</summary>
    public sealed record Freeze(string Node, TimeSpan Time) : ILastingStep
    {
        public override string ToString() => $"freeze {Node} for {Words.Of(Time)}";
    }

    /// <summary>Starts nodes that do not run, one after another.</summary>
    public sealed record Start(ImmutableArray<string> Nodes) : IStep
    {
        public override string ToString() => $"start {string.Join(" then ", Nodes)}";
    }

    /// <summary>Flips a byte of a file of a node, as soon as there is one.</summary>
    /// <param name="File">One of <see cref="Faults.FileDamage.Files"/>.</param>
    /// <param name="Node">Whose.</param>
    public sealed record Damage(string File, string Node) : IStep
    {
        public override string ToString() => $"damage the {File} of {Node}";
    }

    /// <summary>Removes a folder of a node, as soon as there is one.</summary>
    /// <param name="Folder">One of <see cref="Faults.FileDamage.Folders"/>.</param>
    /// <param name="Node">Whose.</param>
    public sealed record Remove(string Folder, string Node) : IStep
    {
        public override string ToString() => $"remove the {Folder} of {Node}";
    }

    /// <summary>Those who have no business there try all they can, one after another; each must be refused and named in the server's audit log.</summary>
    /// <param name="Who">One of <see cref="Attackers.Campaign.Groups"/>.</param>
    public sealed record Attack(string Who) : IStep
    {
        public override string ToString() => $"attack by {Who}";
    }

    /// <summary>Somebody with a site's key contributes in its place what is no update; its own node must not run.</summary>
    public sealed record Lie(string Node) : IStep
    {
        public override string ToString() => $"let {Node} lie";
    }

    /// <summary>Sets a whole copy of the journal aside.</summary>
    public sealed record CopyJournal : IStep
    {
        public override string ToString() => "copy the journal";
    }

    /// <summary>Puts the copy in the journal's place.</summary>
    public sealed record PutBackJournal : IStep
    {
        public override string ToString() => "put the journal back";
    }

    /// <summary>Starts another server over the same journal, in a work folder of its own, and waits for its end.</summary>
    /// <param name="Code">The exit code it must end with; it must name who writes the journal.</param>
    public sealed record ExpectRefusedWriter(int Code) : IStep
    {
        public override string ToString() => $"expect a second writer to end with {Code}";
    }

    /// <summary>The server's memory is remembered.</summary>
    public sealed record NoteMemory(string Node) : IStep
    {
        public override string ToString() => $"note the memory of {Node}";
    }

    /// <summary>The memory is at most so many percent of what was noted.</summary>
    public sealed record ExpectMemory(string Node, int Percent) : IStep
    {
        public override string ToString() => $"expect the memory of {Node} within {Percent} %";
    }

    /// <summary>The federation ends without a model, with a cause that says this.</summary>
    public sealed record ExpectFailed(string Cause) : IStep
    {
        public override string ToString() => $"expect the federation failed with \"{Cause}\"";
    }

    /// <summary>Holds the write lock of the journal's database.</summary>
    public sealed record LockJournal(TimeSpan Time) : ILastingStep
    {
        /// <summary>Who waits for the database.</summary>
        public string Node => "coordinator";

        public override string ToString() => $"lock the journal for {Words.Of(Time)}";
    }

    /// <summary>Ends the journal's database server, in good order or by a crash, and starts it again.</summary>
    public sealed record StopDatabase(TimeSpan Time, bool Crash) : ILastingStep
    {
        /// <summary>Who waits for the database.</summary>
        public string Node => "coordinator";

        public override string ToString() => $"{(Crash ? "crash" : "stop")} the database for {Words.Of(Time)}";
    }

    /// <summary>Every byte to and from a node's ports arrives later.</summary>
    public sealed record Delay(string Node, TimeSpan By, TimeSpan Time) : ILastingStep
    {
        public override string ToString() => $"delay {Node} by {Words.Of(By)} for {Words.Of(Time)}";
    }

    /// <summary>A node's ports move no more than so many KiB a second in each direction of each connection.</summary>
    public sealed record Slow(string Node, int KibibytesPerSecond, TimeSpan Time) : ILastingStep
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"slow {Node} to {KibibytesPerSecond} KiB/s for {Words.Of(Time)}");
    }

    /// <summary>Connections to a node's ports break after so many KiB each, in the middle of whatever they carry.</summary>
    public sealed record Reset(string Node, int Kibibytes, TimeSpan Time) : ILastingStep
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"reset {Node} every {Kibibytes} KiB for {Words.Of(Time)}");
    }

    /// <summary>What a node is asked arrives, and the connection breaks before the answer: whoever asked must ask again.</summary>
    public sealed record LoseAnswers(string Node, TimeSpan Time) : ILastingStep
    {
        public override string ToString() => $"lose the answers of {Node} for {Words.Of(Time)}";
    }

    /// <summary>Drops every packet of a node, or those of one direction; connections stay open at both ends.</summary>
    public sealed record Cut(string Node, Way Way, TimeSpan Time) : ILastingStep
    {
        public override string ToString() => $"cut {Node}{(Way == Way.Both ? "" : $" {Way.ToString().ToLowerInvariant()}")} for {Words.Of(Time)}";
    }

    /// <summary>Takes all room on the disk of a node's folder, or of the servers' journal.</summary>
    /// <param name="Disk">The node, or <see cref="Journal"/>.</param>
    public sealed record FillDisk(string Disk, TimeSpan Time) : ILastingStep
    {
        public const string Journal = "journal";

        /// <summary>Who writes there.</summary>
        public string Node => Disk == Journal ? "coordinator" : Disk;

        public override string ToString() => $"fill the disk of {Disk} for {Words.Of(Time)}";
    }

    /// <summary>Moves a node's clock; back for a time below zero.</summary>
    public sealed record MoveClock(string Node, TimeSpan By) : IStep
    {
        public override string ToString() => $"set the clock of {Node} {(By < TimeSpan.Zero ? "back" : "ahead")} by {Words.Of(By.Duration())}";
    }

    /// <summary>Begins a step that lasts, and goes on while it does; the scenario does not end before it.</summary>
    public sealed record Meanwhile(ILastingStep Step) : IStep
    {
        public override string ToString() => $"meanwhile {Step}";
    }

    public sealed record ExpectRound(int Round, Phase Phase) : IStep
    {
        public override string ToString() => $"expect round {Round} {Phase}";
    }

    public sealed record ExpectDropped(string Site, int Round) : IStep
    {
        public override string ToString() => $"expect {Site} dropped in round {Round}";
    }

    /// <summary>The federation is complete, and its models are those of an undisturbed run. Every scenario ends with it.</summary>
    public sealed record ValidateHashes : IStep
    {
        public override string ToString() => "validate hashes";
    }
}
