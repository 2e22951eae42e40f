namespace FedKim.Actors.Journals;

/// <summary>What keeps the events.</summary>
public enum JournalProvider
{
    /// <summary>A file; all servers that share it run on one machine.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    Postgres,

    /// <summary>The process alone: its end is the end of every federation in it. Only to measure what the other two cost.</summary>
    Memory,
}
