using FedKim.Models.Encoders;
using FedKim.Parameters;

namespace FedKim.Models.Tests.Encoders;

public sealed class DeitCheckpointTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("patch_embed.proj.weight", "64")]
    [InlineData("patch_embed.proj.weight", "64,3,4")]
    [InlineData("patch_embed.proj.weight", "64,3,4,2")]
    [InlineData("patch_embed.proj.weight", "32,3,4,4")]
    [InlineData("patch_embed.proj.weight", "64,3,0,0")]
    [InlineData("pos_embed", "5")]
    [InlineData("pos_embed", "1,4,64")]
    [InlineData("pos_embed", "1,1,64")]
    [InlineData("pos_embed", "1,5,32")]
    [InlineData("cls_token", "1,1,63")]
    [InlineData("blocks.0.attn.qkv.weight", "64,64")]
    [InlineData("norm.bias", "")]
    public void A_tensor_of_another_shape_is_refused_by_name(string tensor, string shape)
    {
        string path = Path.Combine(_folder.FullName, "deit.safetensors");
        using (var model = new Deit(new EncoderSpec("deit", 3, 8, 64, 1, 1, 4, Tokens: 0)))
            SafetensorsWriter.Write(path, model.named_parameters().Select(p => TensorFiles.Of(p.name, p.parameter)));
        using (var whole = DeitCheckpoint.Load(path))
            Assert.Equal((8, 64, 4), (whole.Spec.Size, whole.Spec.Width, whole.Spec.Patch));

        long[] other = [.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
        using (var model = new Deit(new EncoderSpec("deit", 3, 8, 64, 1, 1, 4, Tokens: 0)))
        {
            SafetensorsWriter.Write(path, model.named_parameters().Select(p => p.name == tensor
                ? TensorData.Of(tensor, DType.F32, [.. other], new byte[sizeof(float) * other.Aggregate(1L, (product, size) => product * size)])
                : TensorFiles.Of(p.name, p.parameter)));
        }

        var error = Assert.Throws<SafetensorsException>(() => DeitCheckpoint.Load(path));
        Assert.Equal((path, tensor), (error.File, error.Tensor));
    }
}
