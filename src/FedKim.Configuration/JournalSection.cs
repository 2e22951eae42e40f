using FedKim.Actors.Journals;

namespace FedKim.Configuration;

/// <summary>What a node file says of its server's journal.</summary>
internal static class JournalSection
{
    private const string Sqlite = "sqlite", Postgres = "postgres", Memory = "memory";

    /// <summary>Reads and checks it; null on a node that is no server, or where it cannot be used.</summary>
    /// <param name="section">The section.</param>
    /// <param name="file">Where a file is that keeps it.</param>
    /// <param name="server">Whether the node is a server.</param>
    public static Journal? Of(Section section, string file, bool server)
    {
        // Memory is for measuring and loses every federation with the process: nobody is to come across it.
        string provider = section.Text("provider") is Memory ? Memory : section.Choice("provider", [Sqlite, Postgres]);
        string written = section.Text("connection", "");
        if (written.Length > 0 && provider != Postgres)
            section.Problem("connection", $"is set, but provider is {provider}, which has none. Set provider = {Postgres}, or leave the connection out.");
        if (section.Text("file", "").Length > 0 && provider != Sqlite)
            section.Problem("file", $"is set, but provider is {provider}, which has none. Set provider = {Sqlite}, or leave the file out.");
        if (!server)
            return null;
        if (provider != Postgres)
            return provider == Memory ? Journal.Memory : Journal.Sqlite(file);

        string connection = written.Length > 0 ? written : Environment.GetEnvironmentVariable(NodeConfiguration.JournalVariable) ?? "";
        if (connection.Length == 0)
        {
            section.Problem("connection", $"is missing, and so is the environment variable {NodeConfiguration.JournalVariable}; write Host=…;Database=…;Username=… into one of them.");
            return null;
        }
        try
        {
            return Journal.Postgres(connection);
        }
        catch (ArgumentException e)
        {
            string from = written.Length > 0 ? "" : $"is taken from the environment variable {NodeConfiguration.JournalVariable}, which ";
            section.Problem("connection", from + e.Message[..e.Message.IndexOf(" (Parameter", StringComparison.Ordinal)]);
            return null;
        }
    }
}
