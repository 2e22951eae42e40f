using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;


namespace FedKim.Node.Hosting;

/// <summary>A node's work folder before it is used: made, this account's to write to, with room, and this process's alone.</summary>
internal static class WorkFolder
{
    // Without so much not even a lock or an empty journal can be made; below the other a person is told.
    private const long NoRoom = 1 << 20, LittleRoom = 100 << 20;

    private static readonly string[] Folders = ["weights", "spool", "rounds", "sites", "injection", "scratch"];
    private static readonly string[] Files = ["journal.db", "journal.db-wal", "journal.db-shm"];
    private static readonly string[] OthersOfANode = ["log", "rounds.log", "rounds.data", "rounds.machine", "site.key", "server.id", FedKimProgram.LockName];
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100), LookForRoom = TimeSpan.FromSeconds(1);
    // Longer than a process may take to end in order.
    private static readonly int Tries = (int)((FedKimProgram.StopLimit + FedKimProgram.StopLimit) / AskAgain);
    private static readonly int LooksAMinute = (int)(TimeSpan.FromMinutes(1) / LookForRoom);

    /// <summary>
    /// Makes the folder and takes it. A process whose parent was killed takes a moment to end, and its successor waits for it; it waits for room
    /// on a full disk, too, and says so.
    /// </summary>
    /// <returns>What gives it back; null when the node is told to stop meanwhile.</returns>
    /// <exception cref="InvalidConfigurationException">It cannot be made or written to, or another process has it.</exception>
    public static async Task<IDisposable?> TakeAsync(NodeConfiguration node, CancellationToken stop)
    {
        Trying(node, node.Work, () => PrivateFiles.MakeFolder(node.Work));
        if (!await HasRoom(node, stop))
            return null;
        string path = Path.Combine(node.Work, FedKimProgram.LockName);
        for (int left = Tries; left > 0; left--)
        {
            if (stop.IsCancellationRequested)
                return null;
            IDisposable? own = null;
            Trying(node, path, () => own = FolderLock.TryTake(path));
            if (own is not null)
            {
                CheckRights(node);
                Close(node);
                return own;
            }
            await Task.Delay(AskAgain, CancellationToken.None);
        }
        throw new InvalidConfigurationException(
            [$"{node.File}: fedkim.work is \"{node.Work}\", in which another node works as {FolderLock.Holder(path)}. End that process, or give this node another folder."]);
    }

    // A folder that another account made may lie in one that is this account's.
    private static void CheckRights(NodeConfiguration node)
    {
        foreach (string folder in Folders.Select(name => Path.Combine(node.Work, name)).Where(Directory.Exists).Prepend(node.Work))
            Trying(node, folder, () => OutputPaths.Probe(folder));
        foreach (string file in Files.Select(name => Path.Combine(node.Work, name)).Where(File.Exists))
        {
            Trying(node, file, () =>
            {
                using (File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
                {
                }
            });
        }
    }

    // What the node made is its own: behind a folder that nobody else may enter, what lies deeper is closed as well. The work folder itself may
    // have been given others by whoever made it, and may hold more than the node's: that person is told.
    private static void Close(NodeConfiguration node)
    {
        string[] closed = [.. Folders.Concat(Files).Concat(OthersOfANode).Where(name => Path.Exists(Path.Combine(node.Work, name)) && Taken(node, name))];
        if (closed.Length > 0)
            Console.Error.WriteLine($"{node.File}: others on this machine could look into {string.Join(", ", closed)} in {node.Work}; they cannot any more.");
        if (PrivateFiles.IsOpen(node.Work))
            Console.Error.WriteLine($"{node.File}: fedkim.work is \"{node.Work}\", into which others on this machine may look. What the node keeps there is closed to them; close the folder, too: chmod go= {node.Work}");
    }

    private static bool Taken(NodeConfiguration node, string name)
    {
        bool taken = false;
        Trying(node, Path.Combine(node.Work, name), () => taken = PrivateFiles.Close(Path.Combine(node.Work, name)));
        return taken;
    }

    private static async Task<bool> HasRoom(NodeConfiguration node, CancellationToken stop)
    {
        for (int looks = 0; DiskRoom.Free(node.Work) is { } free && free < LittleRoom; looks++)
        {
            if (looks % LooksAMinute == 0)
            {
                string then = free < NoRoom ? "This node starts when there is room." : "Make room before it ends.";
                await Console.Error.WriteLineAsync($"{node.File}: fedkim.work is \"{node.Work}\", and its disk has {DiskRoom.Mebibytes(free)} free. {then}");
            }
            if (free >= NoRoom)
                return true;
            await Task.Delay(LookForRoom, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (stop.IsCancellationRequested)
                return false;
        }
        return true;
    }

    private static void Trying(NodeConfiguration node, string path, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string what = path == node.Work ? "which" : $"in which {Path.GetRelativePath(node.Work, path)}";
            throw new InvalidConfigurationException(
                [$"{node.File}: fedkim.work is \"{node.Work}\", {what} cannot be made or written to: {e.Message.TrimEnd('.')}. Give it to this account ({Environment.UserName}), or name another folder."]);
        }
    }
}
