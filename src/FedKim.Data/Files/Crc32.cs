namespace FedKim.Data.Files;

/// <summary>CRC-32 of ISO 3309, as PNG (third edition, annex D) and ZIP use it.</summary>
internal sealed class Crc32
{
    private static readonly uint[] Remainders = [.. Enumerable.Range(0, 256).Select(Remainder)];

    private uint _register = uint.MaxValue;

    /// <summary>The CRC of all that was appended.</summary>
    public uint Value => ~_register;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = new Crc32();
        crc.Append(bytes);
        return crc.Value;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint register = _register;
        foreach (byte b in bytes) register = Remainders[(byte)(register ^ b)] ^ (register >> 8);
        _register = register;
    }

    private static uint Remainder(int index)
    {
        uint crc = (uint)index;
        for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        return crc;
    }
}
