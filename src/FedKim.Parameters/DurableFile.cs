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

    /// <summary>A path beside <paramref name="path"/> for what is not finished: a hidden name that no person's file can have.</summary>
    public static string Beside(string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".fedkim-{Guid.NewGuid():N}.tmp");

    /// <summary>Begins a temporary file, empty, for this one writer. What an earlier process left under its name goes.</summary>
    /// <param name="temporary">Its path.</param>
    /// <param name="secret">Whether only this account may read it.</param>
    /// <exception cref="IOException">Somebody writes it now, or the disk is full or fails.</exception>
    // No file is cut to nothing, an old or a new one: ext4 takes that for a replacement, and writes all of it to the disk when it is closed.
    public static FileStream Begin(string temporary, bool secret = false)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (secret && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(temporary, options);
        }
        catch (IOException) when (Path.Exists(temporary))
        {
            new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            return new FileStream(temporary, options);
        }
    }

    /// <summary>Writes a small file, whole or not at all: to a temporary one beside <paramref name="path"/>, which is synced and renamed.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="bytes">What.</param>
    /// <param name="temporary">The temporary file, in the same folder; null for one named after the file, where the folder is this program's alone.</param>
    /// <exception cref="IOException">The disk is full or fails; what stood at the path still stands.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes, string? temporary = null)
    {
        temporary ??= path + ".tmp";
        using var file = Begin(temporary);
        try
        {
            file.Write(bytes);
            Commit(file.SafeFileHandle, temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Lets a large file be written beside <paramref name="path"/>, under a name that is nobody's, and then takes the path's place with it.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="write">Writes it to the path it is told, synced.</param>
    /// <exception cref="IOException">The disk is full or fails; what stood at the path still stands.</exception>
    public static T Replace<T>(string path, Func<string, T> write)
    {
        string temporary = Beside(path);
        try
        {
            var written = write(temporary);
            File.Move(temporary, path, overwrite: true);
            SyncFolder(Path.GetDirectoryName(temporary)!);
            return written;
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
        if (!OperatingSystem.IsLinux())
            return;
        int descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"{folder}: cannot be opened to be synced (errno {Marshal.GetLastPInvokeError()}).", Marshal.GetLastPInvokeError());
        try
        {
            if (Sync(descriptor) != 0)
                throw new IOException($"{folder}: cannot be synced to disk (errno {Marshal.GetLastPInvokeError()}).", Marshal.GetLastPInvokeError());
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
