using System.ComponentModel;
using System.Diagnostics;

namespace FedKim.Data.Images;

/// <summary>
/// DICOM pictures that are packed or coloured, converted by DCMTK's own program: the format is too wide to be read a second time. Plain ones
/// are read here (<see cref="DicomFile"/>).
/// </summary>
internal static class Dicom
{
    // dcm2img replaces the others from DCMTK 3.6.9 on; dcm2pnm reads uncompressed files only.
    private static readonly string[] Programs = ["dcm2img", "dcmj2pnm", "dcm2pnm"];

    /// <summary>The converter that is installed here.</summary>
    /// <param name="file">A file that needs it, for the error.</param>
    /// <param name="searchPath">Folders to look in, as the variable PATH has them.</param>
    /// <exception cref="DataException">None is.</exception>
    public static string Converter(string file, string? searchPath) =>
        Programs.SelectMany(program => (searchPath ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program))).FirstOrDefault(File.Exists)
        ?? throw new DataException(file,
            "is a DICOM file, which DCMTK converts, and DCMTK is not installed. Install it (Debian and Ubuntu: apt-get install dcmtk; macOS: brew install dcmtk), " +
            "or export the pictures beside it as PNG, under the same names with the ending .png.");

    /// <summary>What the converter is told: the file's own window where it has one, and all of its bits.</summary>
    /// <param name="head">The file's header; null where it could not be read.</param>
    /// <param name="path">The file.</param>
    public static string[] Arguments(DicomFile? head, string path) =>
    [
        "--quiet", .. head is { HasWindow: true } ? ["--use-window", "1"] : (string[])[], head is { Bits: > 8 } ? "--write-16-bit-png" : "--write-png", Path.GetFullPath(path),
    ];

    /// <summary>Converts a file to PNG; MONOCHROME1 is turned so that white is dense.</summary>
    /// <returns>The PNG file's bytes.</returns>
    /// <exception cref="DataException">The file is no DICOM picture, or a corrupt one.</exception>
    public static byte[] ToPng(string converter, string path, DicomFile? head)
    {
        // What DCMTK says may quote the file's header, and so a patient: it is not passed on.
        var start = new ProcessStartInfo(converter, Arguments(head, path))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            process.BeginErrorReadLine();
            using var png = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(png);
            process.WaitForExit();
            return process.ExitCode == 0 && png.Length > 0
                ? png.ToArray()
                : throw new DataException(path, $"cannot be converted: {converter} ended with exit code {process.ExitCode}; run it on the file to see why.");
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new DataException(path, $"cannot be converted: {converter} does not run: {e.Message}", e);
        }
    }
}
