using System.Globalization;
using FedKim.Configuration;

namespace FedKim.Launch.Machine;

/// <summary>What is free on a folder's disk.</summary>
public static class DiskRoom
{
    /// <summary>Free bytes of the disk that holds a folder, for this account; null where the system does not say.</summary>
    public static long? Free(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Refuses a folder whose disk has less room than is about to be needed.</summary>
    /// <param name="what">The option or the setting, for the error.</param>
    /// <param name="folder">A folder that exists.</param>
    /// <param name="needed">Bytes.</param>
    /// <exception cref="InvalidConfigurationException">There is less.</exception>
    public static void Check(string what, string folder, long needed)
    {
        if (Free(folder) is { } free && free < needed)
            throw new InvalidConfigurationException([$"{what}: the disk has {Mebibytes(free)} free, and {Mebibytes(needed)} are needed. Make room, or name another folder."]);
    }

    /// <summary>Bytes for people.</summary>
    public static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.#} MiB");
}
