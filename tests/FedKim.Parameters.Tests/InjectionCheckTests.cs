using static FedKim.Parameters.Tests.Given;

namespace FedKim.Parameters.Tests;

public sealed class InjectionCheckTests : IDisposable
{
    private static readonly TensorData Encoder = Tensors.Floats("encoder.image.w", [2], 1, 2);
    private static readonly TensorData Opacity = Tensors.Floats("decoder.xray.w", [1], 3);
    private static readonly TensorData Ecg = Tensors.Floats("decoder.ecg.w", [1], 3);
    private static readonly TensorData Lora = Tensors.Floats("lora.a", [2], 1, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tuned_model_and_its_adapters_pass_and_the_moments_stay_behind() => Assert.Null(Refusal(
        [Tensors.Floats("encoder.image.w", [2], 1.5f, 2), Opacity], [Tensors.Floats("lora.a", [2], 2, 2)]));

    [Fact]
    public void A_result_that_is_not_the_aggregates_or_the_adapters_is_told_by_tensor()
    {
        Assert.Contains("the model", Refusal([Encoder], [Lora]));
        Assert.Contains("decoder.xray.w is missing", Refusal([Encoder], [Lora]));
        Assert.Contains("encoder.image.w is F32 [1], expected F32 [2]", Refusal([Tensors.Floats("encoder.image.w", [1], 1), Opacity], [Lora]));
        Assert.Contains("encoder.image.w is I64 [2]", Refusal([Tensors.Longs("encoder.image.w", 1, 2), Opacity], [Lora]));
        Assert.Contains("more.w is not expected", Refusal([Encoder, Opacity, Tensors.Floats("more.w", [1], 1)], [Lora]));
        Assert.Contains("the adapters", Refusal([Encoder, Opacity], []));
        Assert.Contains("lora.a is missing", Refusal([Encoder, Opacity], []));
        Assert.Contains("lora.a holds NaN or infinity", Refusal([Encoder, Opacity], [Tensors.Floats("lora.a", [2], 1, float.NaN)]));
        Assert.Contains("its distance from the aggregate is 3", Refusal([Tensors.Floats("encoder.image.w", [2], 4, 2), Opacity], [Lora], 2.5));
    }

    [Fact]
    public void Random_bytes_are_no_model_and_no_adapters()
    {
        byte[] random = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * i + 7))];
        File.WriteAllBytes(_folder["random"], random);
        var file = new WeightFile(_folder["random"], Digests.OfFile(_folder["random"]));
        WeightFile aggregate = Aggregate(), adapter = Model(_folder["adapter"], Lora);

        Assert.Contains("the model", InjectionCheck.Refusal(aggregate, adapter, file, file));
        Assert.Contains("no valid safetensors file", InjectionCheck.Refusal(aggregate, adapter, file, file));
        Assert.Contains("no valid safetensors file", InjectionCheck.Refusal(file, file, Plan().Parts));
        Assert.DoesNotContain(file.Path, InjectionCheck.Refusal(file, file, Plan().Parts));
    }

    [Fact]
    public void A_start_has_finite_tensors_of_every_part()
    {
        var adapter = Model(_folder["adapter"], Lora);
        Assert.Null(InjectionCheck.Refusal(Model(_folder["start"], Encoder, Opacity, Ecg), adapter, Plan().Parts));
        Assert.Contains("no tensor of decoder.ecg", InjectionCheck.Refusal(Model(_folder["start"], Encoder, Opacity), adapter, Plan().Parts));
        Assert.Contains(
            "holds NaN or infinity",
            InjectionCheck.Refusal(Model(_folder["start"], Encoder, Opacity, Tensors.Floats("decoder.ecg.w", [1], float.PositiveInfinity)), adapter, Plan().Parts));
    }

    [Fact]
    public void A_start_has_what_is_named_to_stay_at_the_sites_and_more_of_each_task()
    {
        var (start, adapter) = (Model(_folder["start"], Encoder, Opacity, Ecg), Model(_folder["adapter"], Lora));

        Assert.Null(InjectionCheck.Refusal(start, adapter, Plan().Parts.Add("*.xray.*", [])));
        Assert.Contains(
            "none of its tensors is called *.nrom, which local-tensors of the federation file names. They are called as decoder.ecg.w",
            InjectionCheck.Refusal(start, adapter, Plan().Parts.Add("*.nrom", [])));
        Assert.Contains(
            "all that task ecg trains stays at the sites: nothing of it would be learned together. Take a name out of local-tensors",
            InjectionCheck.Refusal(start, adapter, Plan().Parts.Add("decoder.e*.w", [])));
    }

    [Fact]
    public void A_result_that_the_disk_damaged_is_nobodys_fault()
    {
        WeightFile aggregate = Aggregate(), start = Model(_folder["adapter"], Lora);
        WeightFile model = Model(_folder["model"], Encoder, Opacity), adapter = Model(_folder["new"], Tensors.Floats("lora.a", [2], 2, 2));
        foreach (var damaged in (WeightFile[])[model, adapter])
        {
            byte[] bytes = File.ReadAllBytes(damaged.Path);
            foreach (int at in (int[])[3, bytes.Length / 2, bytes.Length - 1])
            {
                File.WriteAllBytes(damaged.Path, [.. bytes[..at], (byte)(bytes[at] ^ 64), .. bytes[(at + 1)..]]);
                Assert.Equal(damaged.Digest, Assert.Throws<DamagedException>(() => InjectionCheck.Refusal(aggregate, start, model, adapter)).Digest);
            }

            File.WriteAllBytes(damaged.Path, bytes);
        }
    }

    private string? Refusal(TensorData[] model, TensorData[] adapters, double bound = double.PositiveInfinity) => InjectionCheck.Refusal(
        Aggregate(), Model(_folder["adapter"], Lora), Model(_folder["model"], model), Model(_folder["new"], adapters), bound);

    private WeightFile Aggregate() => Model(
        _folder["aggregate"], Encoder, Opacity, Tensors.Floats("server.m.encoder.image.w", [2], 0, 0), Tensors.Floats("server.v.encoder.image.w", [2], 0, 0));
}
