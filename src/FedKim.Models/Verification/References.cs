using FedKim.Models.Foundation;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Models.Verification;

/// <summary>A fixture's file of inputs and expected outputs, and the comparisons made with it.</summary>
/// <param name="path">The file.</param>
/// <param name="tolerance">What is allowed.</param>
/// <param name="device">Where what is read lies.</param>
internal sealed class References(string path, double tolerance, Device device) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);

    public List<VerifiedOutput> Outputs { get; } = [];

    public bool Has(string name) => _file.Tensors.ContainsKey(name);

    public Tensor Read(string name)
    {
        var info = _file.Info(name);
        var type = info.DType switch
        {
            DType.F64 => ScalarType.Float64,
            DType.F32 => ScalarType.Float32,
            DType.I64 => ScalarType.Int64,
            DType.Bool => ScalarType.Bool,
            _ => throw new FoundationException($"{_file.FilePath}: '{name}' is {info.DType.Name()}, which no fixture has."),
        };
        var values = empty(info.Shape.ToArray(), type);
        _file.Read(info, 0, values.bytes);
        return values.to(device);
    }

    /// <summary>Compares with the reference of this name, where there is one; <paramref name="rows"/> says which positions count.</summary>
    public void Compare(string name, Func<Tensor> compute, Tensor? rows = null, string? shownAs = null)
    {
        if (!Has(name))
            return;
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        var (actual, expected) = (compute(), Read(name));
        double difference = double.NaN;
        if (actual.numel() == expected.numel())
        {
            var distance = actual.to(ScalarType.Float64).view(expected.shape).sub(expected).abs();
            if (rows is not null)
                distance = distance.masked_select(rows.unsqueeze(-1));
            difference = distance.numel() == 0 ? 0 : distance.max().item<double>();
        }

        Add(shownAs ?? name, difference, tolerance);
    }

    public void Add(string name, double difference, double allowed) => Outputs.Add(new VerifiedOutput(name, difference, allowed, difference <= allowed));

    public void Dispose() => _file.Dispose();
}
