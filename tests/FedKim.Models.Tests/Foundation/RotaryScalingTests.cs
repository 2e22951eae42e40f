using System.Text.Json.Nodes;
using FedKim.Models.Foundation;

namespace FedKim.Models.Tests.Foundation;

public sealed class RotaryScalingTests
{
    private const string Llama31 = """{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8192}""";

    // Frequencies 500000^(-2i/128) of Llama 3.1, and what the published formula makes of them.
    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(0.12868737343265052, 0.12868737343265052)]
    [InlineData(0.003211445994752591, 0.003211445994752591)]
    [InlineData(0.0026160992529250353, 0.002166570763503359)]
    [InlineData(0.0017360467021768657, 0.0008567514129196321)]
    [InlineData(0.0011520427402627808, 0.00031269375038406517)]
    [InlineData(0.0007644969883171747, 9.556212353964683e-05)]
    [InlineData(0.000622772421914596, 7.78465527393245e-05)]
    [InlineData(3.529227739646723e-05, 4.411534674558404e-06)]
    [InlineData(2.455140791131609e-06, 3.068925988914511e-07)]
    public void A_frequency_becomes_what_the_published_formula_makes_of_it(double frequency, double expected) =>
        Assert.Equal(expected, RotaryScaling.Of(JsonNode.Parse(Llama31))!.Scale((float)frequency), expected * 1e-6);

    [Theory]
    [InlineData("null")]
    [InlineData("""{"rope_type":"default"}""")]
    [InlineData("""{"type":"dynamic","factor":2}""")]
    public void What_changes_nothing_within_the_context_is_no_scaling(string json) => Assert.Null(RotaryScaling.Of(JsonNode.Parse(json)));

    [Theory]
    [InlineData("""{"type":"linear","factor":2}""", "of type 'linear'")]
    [InlineData("""{"rope_type":"yarn","factor":2}""", "of type 'yarn'")]
    [InlineData("""{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":1,"original_max_position_embeddings":8192}""", "high_freq_factor above that")]
    [InlineData("""{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}""", "original_max_position_embeddings above 0")]
    [InlineData("""{"rope_type":"llama3","factor":"8"}""", "cannot be read")]
    [InlineData("""{"rope_type":7}""", "cannot be read")]
    [InlineData("7", "cannot be read")]
    public void Another_scaling_is_refused_by_name(string json, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => RotaryScaling.Of(JsonNode.Parse(json))).Message);

    [Fact]
    public void Newer_files_say_the_base_in_rope_parameters()
    {
        var older = TinyModel.Llama with { RopeTheta = 500000, RopeScaling = JsonNode.Parse(Llama31) };
        var parameters = JsonNode.Parse(Llama31)!;
        parameters["rope_theta"] = 500000;
        var newer = TinyModel.Llama with { RopeParameters = parameters };
        using var a = TinyModel.Load(older);
        using var b = TinyModel.Load(newer);
        using var unscaled = TinyModel.Load(TinyModel.Llama);
        int[][] prompt = [[1, 7, 30, 200, 3, 80]];

        Assert.Equal(a.Continue(prompt, 20), b.Continue(prompt, 20));
        Assert.NotEqual(a.Continue(prompt, 20), unscaled.Continue(prompt, 20));
    }
}
