#nullable disable
#if !WITHOUT_MSBUILD
using System;
using System.IO;
#endif
using System.Text;

namespace FedKim.Build;

/// <summary>
/// Marks one needed symbol version of an ELF library as weak (VER_FLG_WEAK), so that the dynamic loader accepts a system that lacks it.
/// </summary>
/// <remarks>
/// libLibTorchSharp.so asks for GLIBCXX_3.4.32 only for std::ios_base_library_init, which it never calls; without the flag it does not
/// load on Debian 12, Ubuntu 22.04 or RHEL 9. Layout: Linux Standard Base, "Symbol Versioning".
/// </remarks>
public static class SymbolVersions
{
    const uint SectionVersionNeeds = 0x6ffffffe;
    const ushort Weak = 2;

    /// <summary>Sets the flag in <paramref name="file"/>, the bytes of a 64-bit little-endian ELF file.</summary>
    /// <returns>Whether a byte changed: false if the version is not needed or is weak already.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such ELF file, or its version table is broken.</exception>
    public static bool Weaken(byte[] file, string version)
    {
        if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F')
            throw new InvalidDataException("not an ELF file");
        if (file[4] != 2 || file[5] != 1)
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        long sections = Long(file, 0x28);
        int size = Short(file, 0x3a), count = Short(file, 0x3c);
        if (size < 64)
            throw new InvalidDataException("no section headers");
        bool found = false, changed = false;
        for (int i = 0; i < count; i++)
        {
            long header = sections + (long)i * size;
            if (Int(file, header + 4) != SectionVersionNeeds)
                continue;
            found = true;
            long strings = Long(file, sections + Int(file, header + 0x28) * size + 0x18);
            changed |= Weaken(file, Long(file, header + 0x18), Int(file, header + 0x2c), strings, version);
        }
        if (!found)
            throw new InvalidDataException("no .gnu.version_r section");
        return changed;
    }

    static bool Weaken(byte[] file, long need, uint needs, long strings, string version)
    {
        bool changed = false;
        for (uint n = 0; n < needs; n++)
        {
            long entry = need + Int(file, need + 8);
            for (int k = Short(file, need + 2); k > 0; k--)
            {
                if (Text(file, strings + Int(file, entry + 8)) == version && (Short(file, entry + 4) & Weak) == 0)
                {
                    file[entry + 4] |= (byte)Weak;
                    changed = true;
                }
                entry += Int(file, entry + 12);
            }
            need += Int(file, need + 12);
        }
        return changed;
    }

    static ushort Short(byte[] file, long at) => BitConverter.ToUInt16(file, At(file, at, 2));

    static uint Int(byte[] file, long at) => BitConverter.ToUInt32(file, At(file, at, 4));

    static long Long(byte[] file, long at) => BitConverter.ToInt64(file, At(file, at, 8));

    static string Text(byte[] file, long at)
    {
        int start = At(file, at, 1), end = Array.IndexOf(file, (byte)0, start);
        if (end < 0)
            throw new InvalidDataException("a version's name runs past the end of the file");
        return Encoding.ASCII.GetString(file, start, end - start);
    }

    static int At(byte[] file, long at, int size) =>
        at >= 0 && at + size <= file.Length ? (int)at : throw new InvalidDataException("the version table points outside the file");
}

#if !WITHOUT_MSBUILD
/// <summary>Copies a library and weakens a symbol version in the copy, unless this system provides that version.</summary>
public class WeakenSymbolVersion : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required] public string Source { get; set; }
    [Microsoft.Build.Framework.Required] public string Destination { get; set; }
    [Microsoft.Build.Framework.Required] public string Version { get; set; }

    /// <summary>Libraries of this system, separated by semicolons, that may provide the version; the ones that exist are asked.</summary>
    public string Providers { get; set; }

    public override bool Execute()
    {
        byte[] bytes = File.ReadAllBytes(Source);
        if (!Provided())
        {
            try
            {
                bool changed = SymbolVersions.Weaken(bytes, Version);
                Log.LogMessage(changed ? "{0}: {1} made weak in {2}" : "{0}: {1} is not strictly needed; {2} is a plain copy", Source, Version, Destination);
            }
            catch (InvalidDataException e)
            {
                Log.LogError("{0}: {1} cannot be made weak: {2}. The library may not load on this system; install a libstdc++ with {1}.", Source, Version, e.Message);
                return false;
            }
        }
        // A new file under its own name, then renamed: the package's file may be the same inode as an older output.
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination)));
        string whole = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(whole, bytes);
        if (File.Exists(Destination)) File.Delete(Destination);
        File.Move(whole, Destination);
        return true;
    }

    bool Provided()
    {
        foreach (string path in (Providers ?? "").Split(new[] { ';' }, StringSplitOptions.RemoveEmptyEntries))
            if (File.Exists(path) && Encoding.ASCII.GetString(File.ReadAllBytes(path)).Contains("\0" + Version + "\0")) return true;
        return false;
    }
}
#endif
