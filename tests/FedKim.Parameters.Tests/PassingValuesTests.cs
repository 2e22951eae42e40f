using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Parameters.Tests;

public sealed class PassingValuesTests
{
    private static readonly DType[] Types = [DType.F64, DType.F32, DType.F16, DType.BF16, DType.I64, DType.U8];

    [Fact]
    public void The_first_value_that_is_no_number_is_seen_however_the_bytes_come()
    {
        using var folder = new TemporaryFolder();
        for (int seed = 0; seed < 60; seed++)
        {
            var random = SeededGenerator.Derive(seed, "passing");
            var expected = ImmutableDictionary.CreateBuilder<string, long>();
            List<TensorData> tensors = [];
            for (int t = 0; t < 5; t++)
            {
                var type = Types[random.NextInt(Types.Length)];
                int width = type.Width(), count = random.NextInt(40);
                byte[] bytes = new byte[count * width];
                // An exponent of all ones means infinity or NaN in every IEEE format; whole numbers may look so.
                if (count > 0 && random.NextInt(2) == 0)
                {
                    int first = random.NextInt(count);
                    foreach (int place in (int[])[first, count - 1])
                        bytes.AsSpan(place * width, width).Fill(0xFF);
                    if (type.IsFloating())
                        expected.Add($"t{t}", first);
                }

                tensors.Add(TensorData.Of($"t{t}", type, [count], bytes));
            }

            SafetensorsWriter.Write(folder["file"], tensors);
            var file = File.ReadAllBytes(folder["file"]).AsSpan();
            var passing = new PassingValues();
            for (int at = 0; at < file.Length;)
            {
                Assert.Null(passing.NonFinite);
                int length = Math.Min(file.Length - at, 1 + random.NextInt(23));
                passing.Append(file.Slice(at, length));
                at += length;
            }

            Assert.Equal(expected.OrderBy(e => e.Key), passing.NonFinite!.OrderBy(e => e.Key));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 1 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 91, 93, 1, 1 })]
    public void Of_what_is_no_such_file_nothing_is_said(byte[] bytes)
    {
        var passing = new PassingValues();
        passing.Append(bytes);
        Assert.Null(passing.NonFinite);
    }
}
