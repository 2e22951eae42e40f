using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Launch.Machine;

/// <summary>Keeps a folder to one process, for as long as that lives. The system lets go of it, however the process ends.</summary>
public static class FolderLock
{
    // What the system calls a file that another process has locked: EAGAIN on Linux and on macOS, a sharing violation on Windows.
    private static readonly int[] Held = [11, 35, 32];

    // O_RDONLY | O_CLOEXEC, the same number on x86-64 and arm64.
    private const int ReadOnly = 0x80000;

    /// <summary>Takes the folder; null while another process has it. Disposing gives it back.</summary>
    /// <param name="path">The file that stands for the folder; it is made, and stays, with the id of the process that took it last.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static IDisposable? TryTake(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (Held.Contains(e.HResult & 0xFFFF))
        {
            return null;
        }
        try
        {
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.SetLength(file.Position);
        }
        catch (IOException)
        {
            // A full disk: the lock holds all the same, and only whose it is stays unsaid.
        }
        return file;
    }

    /// <summary>Who has the folder, to go on after a sentence's start: "process 4711", or "another process" where that is not known.</summary>
    public static string Holder(string path)
    {
        // The runtime's own way of opening asks for the lock.
        int descriptor = OperatingSystem.IsWindows() ? -1 : Open(path, ReadOnly);
        if (descriptor < 0)
            return "another process";
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Span<byte> text = stackalloc byte[16];
        int length = RandomAccess.Read(handle, text, 0);
        return int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? $"process {pid}" : "another process";
    }

    [DllImport("libc", EntryPoint = "open", CharSet = CharSet.Ansi)]
    private static extern int Open(string path, int flags);
}
