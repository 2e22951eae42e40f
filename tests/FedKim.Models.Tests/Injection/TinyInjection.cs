using System.Collections.Immutable;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using static TorchSharp.torch;

namespace FedKim.Models.Tests.Injection;

/// <summary>A random InternLM2 of two layers with experts that are not zero, and a batch whose rows differ in length.</summary>
internal sealed class TinyInjection : IDisposable
{
    private const int Width = 6;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-");
    private readonly FoundationModel _foundation;

    public TinyInjection(ScalarType type = ScalarType.Float32, int experts = 3, AdapterShape? shape = null)
    {
        using (var scope = NewDisposeScope())
        using (var random = FoundationModel.Create(Config, name => name.Length))
            random.Save(Folder);
        _foundation = FoundationModel.Load(Folder, type);
        Model = new InjectedFoundationModel(_foundation, shape ?? new AdapterShape(ImmutableSortedDictionary<string, int>.Empty.Add("image", Width), experts, Rank: 2), seed: 1);
        using var values = NewDisposeScope();
        using var gradient = no_grad();
        _ = manual_seed(3);
        foreach (var (name, parameter) in Model.Parameters)
        {
            if (name.EndsWith(".B", StringComparison.Ordinal))
                parameter.copy_(randn(parameter.shape).mul(0.1));
        }
    }

    public static FoundationConfig Config { get; } = new()
    {
        VocabSize = 40,
        HiddenSize = 16,
        IntermediateSize = 24,
        NumHiddenLayers = 2,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
    };

    /// <summary>Folder of the foundation model.</summary>
    public string Folder => _folder.FullName;

    public InjectedFoundationModel Model { get; }

    public static int[][] Answers { get; } = [[7, 8, 2], [9, 2]];

    /// <summary>The caller's scope owns it.</summary>
    public static InjectionInput Input()
    {
        using var generator = new Generator(5, CPU);
        return new InjectionInput([("image", randn([2, 4, Width], generator: generator).requires_grad_())], [[1, 10, 11, 12], [1, 13]], [[20, 21]], [[22], [23, 24]]);
    }

    public void Dispose()
    {
        Model.Dispose();
        _foundation.Dispose();
        _folder.Delete(recursive: true);
    }
}
