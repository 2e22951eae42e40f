using System.Buffers.Binary;
using CsCheck;
using FedKim.Data.Clinical;
using FedKim.Data.Files;
using FedKim.Testing;

namespace FedKim.Data.Tests;

/// <summary>Parquet files that a library would read for ever, or make room for without end.</summary>
public sealed class ParquetFooterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _sound;

    public ParquetFooterTests()
    {
        string path = Path.Combine(_folder.Path, "sound.parquet");
        ParquetTable.Write(path, ("hr", new double?[] { 60, null, 80 }), ("id", new long[] { 1, 2, 3 }));
        _sound = System.IO.File.ReadAllBytes(path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_sound_is_read()
    {
        Assert.Null(ParquetFooter.Problem(_sound));
        Assert.Equal([60, double.NaN, 80], Read(_sound)["hr"]);
    }

    [Theory]
    [InlineData("15", "its footer ends in the middle of something")]
    [InlineData("15FFFFFFFFFFFFFFFFFFFF", "its footer has a number without an end")]
    [InlineData("18FFFFFFFF0F", "its footer ends in the middle of something")]
    [InlineData("19FCFFFFFF0F", "its footer ends in the middle of something")]
    [InlineData("1D00", "its footer has a part of type 13, which there is not")]
    [InlineData("491C36808080800400000000", "it is said to have 536870912 rows in 4 bytes")]
    public void A_footer_that_leads_astray_is_named(string hex, string problem)
    {
        byte[] file = File(Convert.FromHexString(hex));
        Assert.Equal($"is corrupt: {problem}; restore it from its source.", ParquetFooter.Problem(file));
        Assert.Contains(problem, Assert.Throws<DataException>(() => Read(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1c)]
    [InlineData(0x19)]
    public void A_footer_of_parts_in_parts_is_refused(byte part)
    {
        byte[] deep = new byte[1_000_000];
        Array.Fill(deep, part);
        Assert.Contains("is corrupt: ", ParquetFooter.Problem(File(deep)), StringComparison.Ordinal);
    }

    // Whatever byte of a file is another one: it is read, or refused with its name, and that soon.
    [Fact]
    public void A_file_with_a_changed_byte_is_read_or_refused() => Gen.Select(Gen.Int[0, _sound.Length - 1], Gen.Byte).Sample((at, value) =>
    {
        byte[] changed = [.. _sound];
        changed[at] = value;
        try
        {
            return Read(changed)["hr"].Length >= 0;
        }
        catch (DataException e)
        {
            return e.Message.Length > 0;
        }
    }, iter: 2_000);

    private static byte[] File(byte[] footer)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        return [.. "PAR1"u8, .. footer, .. length, .. "PAR1"u8];
    }

    private ParquetTable Read(byte[] bytes)
    {
        string path = Path.Combine(_folder.Path, Guid.NewGuid().ToString("N"));
        System.IO.File.WriteAllBytes(path, bytes);
        try
        {
            return ParquetTable.Read(path, "hr", "id");
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }
}
