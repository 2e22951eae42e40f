namespace FedKim.Actors.Tests;

/// <summary>What a disk does to a file.</summary>
internal static class Damage
{
    /// <summary>Changes a bit in its middle.</summary>
    public static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = file.Length / 2;
        int value = file.ReadByte();
        file.Position = file.Length / 2;
        file.WriteByte((byte)(value ^ 4));
    }
}
