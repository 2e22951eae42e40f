using FedKim.Models.Encoders;
using TorchSharp;

namespace FedKim.Models.Tests.Encoders;

public sealed class EncoderTests
{
    private static readonly EncoderSpec Clinical = new("clinical-transformer", Channels: 3, Size: 0, Width: 16, Depth: 2, Heads: 2, Patch: 0, Tokens: 2);

    [Theory]
    [InlineData("deit", 17)]
    [InlineData("deit-distilled", 18)]
    [InlineData("signal-cnn", 4)]
    [InlineData("clinical-transformer", 4)]
    public void Every_encoder_gives_feature_tokens_of_its_width(string name, int tokens)
    {
        using var scope = torch.NewDisposeScope();
        var input = name switch
        {
            "signal-cnn" => torch.zeros(2, 12, 100),
            "clinical-transformer" => torch.zeros(2, 24, 12),
            _ => torch.zeros(2, 1, 32, 32),
        };
        using var encoder = EncoderRegistry.Create(new EncoderSpec(name, name.StartsWith("deit", StringComparison.Ordinal) ? 3 : 12, 32, 16, 2, 2, 8, 4));
        Assert.Equal([2, tokens, 16], encoder.forward(new ModalityBatch(input)).shape);
    }

    [Fact]
    public void An_unknown_encoder_is_answered_with_the_known_ones()
    {
        var error = Assert.Throws<ArgumentException>(() => EncoderRegistry.Create(Clinical with { Name = "resnet" }));
        Assert.Contains("clinical-transformer, deit, deit-distilled, signal-cnn", error.Message);
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => EncoderRegistry.Create(Clinical with { Heads = 3 }));
        Assert.Throws<ArgumentException>(() => EncoderRegistry.Create(new EncoderSpec("deit", 3, 32, 16, 2, 2, 7, 0)));
    }

    [Fact]
    public void Padding_a_stay_changes_none_of_its_features()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Create();
        var (values, measured) = (torch.randn(2, 6, 3), torch.ones(2, 6, 3));
        var padded = new ModalityBatch(
            torch.cat([values, torch.full([2, 4, 3], 9f)], 1), torch.cat([measured, torch.ones(2, 4, 3)], 1),
            torch.cat([torch.ones(2, 6, dtype: torch.ScalarType.Bool), torch.zeros(2, 4, dtype: torch.ScalarType.Bool)], 1));

        AssertClose(encoder.forward(new ModalityBatch(values, measured)), encoder.forward(padded));
    }

    [Fact]
    public void A_sample_never_sees_the_others_of_its_batch()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Create();
        var (values, measured) = (torch.randn(4, 6, 3), torch.ones(4, 6, 3));

        var together = encoder.forward(new ModalityBatch(values, measured));
        var alone = encoder.forward(new ModalityBatch(values.narrow(0, 2, 1), measured.narrow(0, 2, 1)));

        AssertClose(together.narrow(0, 2, 1), alone);
    }

    [Fact]
    public void The_order_of_time_and_what_was_measured_matter()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Create();
        var (values, measured) = (torch.randn(1, 6, 3), torch.ones(1, 6, 3));
        var features = encoder.forward(new ModalityBatch(values, measured));

        Assert.True(Distance(features, encoder.forward(new ModalityBatch(values.flip(1), measured))) > 1e-3);
        Assert.True(Distance(features, encoder.forward(new ModalityBatch(values, torch.zeros(1, 6, 3)))) > 1e-3);
    }

    [Fact]
    public void A_stay_without_any_step_has_finite_features()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Create();
        var nothing = new ModalityBatch(torch.zeros(1, 6, 3), torch.zeros(1, 6, 3), torch.zeros(1, 6, dtype: torch.ScalarType.Bool));
        Assert.True(encoder.forward(nothing).isfinite().all().item<bool>());
    }

    private static ClinicalTransformer Create()
    {
        torch.manual_seed(3);
        var encoder = new ClinicalTransformer(Clinical);
        using var gradient = torch.no_grad();
        foreach (var (_, parameter) in encoder.named_parameters())
            parameter.copy_(torch.randn(parameter.shape) * 0.3);
        return encoder;
    }

    private static float Distance(torch.Tensor a, torch.Tensor b) => (a - b).abs().max().item<float>();

    private static void AssertClose(torch.Tensor expected, torch.Tensor actual) => Assert.InRange(Distance(expected, actual), 0, 1e-5);
}
