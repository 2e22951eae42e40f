namespace FedKim.Node.Hosting;

/// <summary>Keeps a folder to one process, for as long as that lives. The system lets go of it, however the process ends.</summary>
internal static class FolderLock
{
    // What the system calls a file that another process has locked: EAGAIN on Linux and on macOS, a sharing violation on Windows.
    private static readonly int[] Held = [11, 35, 32];

    /// <summary>Takes the folder; null while another process has it. Disposing gives it back.</summary>
    /// <param name="path">The file that stands for the folder; it is made, and stays empty.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static IDisposable? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (Held.Contains(e.HResult & 0xFFFF))
        {
            return null;
        }
    }
}
