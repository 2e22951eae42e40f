using System.Text;
using FedKim.Parameters;

namespace FedKim.Launch.Machine;

/// <summary>Text files that are never seen half-written.</summary>
public static class TextFile
{
    /// <summary>Writes a file whole or not at all; what was there before is replaced, and nothing else.</summary>
    public static void Write(string path, string text) => DurableFile.Write(path, Encoding.UTF8.GetBytes(text), DurableFile.Beside(path));
}
