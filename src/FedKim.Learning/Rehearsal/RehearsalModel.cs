using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning.Rehearsal;

/// <summary>The rehearsal's models: sixteen equal fp32 tensors, and one small one that tells models apart.</summary>
internal static class RehearsalModel
{
    private const int Tensors = 16;
    private const string Mark = "encoder.rehearsal.mark";

    /// <summary>Writes a model of about this size, filled from the seed.</summary>
    public static WeightFile Create(string path, long bytes, SeededGenerator random)
    {
        long elements = bytes / sizeof(float) / Tensors;
        return new WeightFile(path, SafetensorsWriter.Write(path, Enumerable.Range(0, Tensors)
            .Select(i => new TensorData($"encoder.rehearsal.{i:00}", DType.F32, [elements], output => Fill(output, elements, random)))
            .Append(MarkOf((float)random.NextDouble()))));
    }

    /// <summary>Writes a copy of a model whose mark is moved by <paramref name="step"/>; it can be made again, so it does not wait for the disk.</summary>
    public static WeightFile Move(WeightFile from, string to, float step)
    {
        using var source = SafetensorsFile.Open(from);
        float mark = BinaryPrimitives.ReadSingleLittleEndian(source.Bytes(Mark));
        return new WeightFile(to, SafetensorsWriter.Write(to, source.Tensors.Values
            .Where(t => t.Name != Mark).Select(t => Copy(source, t)).Append(MarkOf(mark + step)), durable: false));
    }

    /// <summary>An aggregate as a model: itself, or a copy without the moments that the server's strategy keeps in it.</summary>
    public static WeightFile WithoutMoments(WeightFile aggregate, string copy)
    {
        using var source = SafetensorsFile.Open(aggregate);
        if (!source.Tensors.Keys.Any(ServerMoments.Is))
            return aggregate;
        return new WeightFile(copy, SafetensorsWriter.Write(
            copy, source.Tensors.Values.Where(t => !ServerMoments.Is(t.Name)).Select(t => Copy(source, t)), source.Metadata, durable: false));
    }

    private static TensorData Copy(SafetensorsFile source, TensorInfo tensor) =>
        new(tensor.Name, tensor.DType, tensor.Shape, output => output.Write(source.Bytes(tensor.Name)));

    private static TensorData MarkOf(float value)
    {
        byte[] bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return TensorData.Of(Mark, DType.F32, [1], bytes);
    }

    private static void Fill(Stream output, long elements, SeededGenerator random)
    {
        float[] block = new float[4096];
        for (long done = 0; done < elements; done += block.Length)
        {
            for (int i = 0; i < block.Length; i++)
                block[i] = (float)random.NextDouble();
            output.Write(MemoryMarshal.AsBytes(block.AsSpan(0, (int)Math.Min(block.Length, elements - done))));
        }
    }
}
