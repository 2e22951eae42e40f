using System.Collections.Immutable;
using FedKim.Models.Foundation;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Models.Verification;

/// <summary>How far one output lies from its numerical reference.</summary>
/// <param name="Name">The output.</param>
/// <param name="MaxDifference">Largest absolute difference of an element; for ids and texts the number that differ.</param>
/// <param name="Tolerance">What is allowed.</param>
/// <param name="Ok">Whether the difference is a number within the tolerance.</param>
public sealed record VerifiedOutput(string Name, double MaxDifference, double Tolerance, bool Ok);

/// <summary>Compares what is computed here with a numerical reference.</summary>
/// <param name="Fixture">Folder of the reference.</param>
/// <param name="Outputs">Every output compared.</param>
public sealed record ModelVerification(string Fixture, ImmutableArray<VerifiedOutput> Outputs)
{
    /// <summary>Whether every output is within its tolerance.</summary>
    public bool Ok => Outputs.All(o => o.Ok);

    /// <summary>
    /// Recomputes a fixture: a folder with a model in the Hugging Face layout and <c>expected.safetensors</c>, or with
    /// <c>router.safetensors</c> and <c>lora_moe.safetensors</c> of the M3OE router and its experts, or with DeiT checkpoints
    /// <c>timm-*.safetensors</c> or <c>hf-*.safetensors</c> and their <c>timm-expected</c> and <c>hf-expected.safetensors</c>.
    /// </summary>
    /// <param name="fixtureFolder">The folder.</param>
    /// <param name="device">Where it is computed; null for the processor.</param>
    /// <exception cref="FoundationException">The folder is no fixture that is understood here.</exception>
    /// <exception cref="SafetensorsException">A file is malformed, or lacks an input.</exception>
    public static ModelVerification Verify(string fixtureFolder, Device? device = null)
    {
        using var scope = NewDisposeScope();
        var at = device ?? CPU;
        bool Has(string file) => File.Exists(Path.Combine(fixtureFolder, file));
        var outputs =
            Has("config.json") && Has("expected.safetensors") ? FoundationFixture.Verify(fixtureFolder, at)
            : Has("router.safetensors") || Has("lora_moe.safetensors") ? MixtureFixture.Verify(fixtureFolder, at)
            : DeitFixture.Is(fixtureFolder) ? DeitFixture.Verify(fixtureFolder, at)
            : throw new FoundationException(
                $"{fixtureFolder} is not recognised as a fixture: it needs config.json with expected.safetensors (InternLM2), router.safetensors or lora_moe.safetensors (M3OE), or timm-expected.safetensors or hf-expected.safetensors with a checkpoint (DeiT).");
        return outputs.Count > 0
            ? new ModelVerification(fixtureFolder, [.. outputs])
            : throw new FoundationException($"{fixtureFolder}: the expected outputs hold none that is known here.");
    }
}
