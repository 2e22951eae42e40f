using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using FedKim.Models.Foundation;
using FedKim.Models.Pretraining;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Bench;

/// <summary>A foundation model as it is published, bf16 in shards, but of random weights.</summary>
internal static class RandomCheckpoint
{
    private const long ShardBytes = 4L << 30;
    private const int BlockElements = 1 << 23;
    private const ushort One = 0x3F80;

    /// <summary>Bytes of its weights.</summary>
    public static long Bytes(FoundationConfig config) => config.Tensors().Sum(t => t.Shape.Aggregate(2L, (size, n) => size * n));

    /// <summary>Writes configuration, shards with their index, and a tokenizer of as many pieces, tensor by tensor.</summary>
    public static void Write(string folder, FoundationConfig config)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), (config with { TorchDtype = "bfloat16" }).ToJson());
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.model"), PieceTrainer.Numbers(config.VocabSize));
        byte[] block = Block();
        List<List<(string Name, long[] Shape)>> shards = [[]];
        long filled = 0;
        foreach (var tensor in config.Tensors())
        {
            long bytes = tensor.Shape.Aggregate(2L, (size, n) => size * n);
            if (filled > 0 && filled + bytes > ShardBytes)
                (shards, filled) = ([.. shards, []], 0);
            shards[^1].Add(tensor);
            filled += bytes;
        }

        var map = new JsonObject();
        for (int i = 0; i < shards.Count; i++)
        {
            string name = $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            SafetensorsWriter.Write(
                Path.Combine(folder, name),
                shards[i].Select(t => new TensorData(t.Name, DType.BF16, [.. t.Shape], stream => Fill(stream, t.Shape, block))),
                new Dictionary<string, string> { ["format"] = "pt" }, durable: false);
            foreach (var (tensor, _) in shards[i])
                map[tensor] = name;
        }

        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
    }

    // Drawn once, and begun anywhere: what matters is that weights are no zeros and have the usual size.
    private static byte[] Block()
    {
        using var scope = NewDisposeScope();
        return randn(BlockElements).mul(0.02).to(ScalarType.BFloat16).bytes.ToArray();
    }

    private static void Fill(Stream stream, long[] shape, byte[] block)
    {
        if (shape.Length == 1)
        {
            ushort[] norm = new ushort[shape[0]];
            Array.Fill(norm, One);
            stream.Write(MemoryMarshal.AsBytes(norm.AsSpan()));
            return;
        }

        long left = 2 * shape[0] * shape[1];
        for (int start = (int)(left / 2 % 8191) * 2; left > 0; start = 0)
        {
            int length = (int)Math.Min(left, block.Length - start);
            stream.Write(block, start, length);
            left -= length;
        }
    }
}
