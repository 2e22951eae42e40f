using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>Makes a finished temporary file appear under its name, whole, and stay there through a power cut.</summary>
public static partial class DurableFile
{
    // O_RDONLY | O_CLOEXEC, the same number on x86-64 and arm64.
    private const int ReadOnly = 0x80000;

    /// <summary>
    /// Syncs the open <paramref name="temporary"/> file to disk, renames it to <paramref name="target"/> in the same folder, replacing
    /// what is there, and syncs the folder, so that neither bytes nor name are lost.
    /// </summary>
    /// <exception cref="IOException">The disk is full or fails; the target is untouched.</exception>
    public static void Commit(SafeFileHandle handle, string temporary, string target)
    {
        RandomAccess.FlushToDisk(handle);
        File.Move(temporary, target, overwrite: true);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
    }

    /// <summary>Writes a small file, whole or not at all: to a temporary one beside <paramref name="path"/>, which is synced and renamed.</summary>
    /// <exception cref="IOException">The disk is full or fails; what stood at the path still stands.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = path + ".tmp";
        using var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write);
        try
        {
            RandomAccess.Write(handle, bytes, 0);
            Commit(handle, temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Syncs a folder's names to disk, where the system can (Linux); elsewhere the file system keeps their order itself.</summary>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux()) return;
        int descriptor = Open(folder, ReadOnly);
        if (descriptor < 0) throw new IOException($"{folder}: cannot be opened to be synced (errno {Marshal.GetLastPInvokeError()}).", Marshal.GetLastPInvokeError());
        try
        {
            if (Sync(descriptor) != 0) throw new IOException($"{folder}: cannot be synced to disk (errno {Marshal.GetLastPInvokeError()}).", Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
