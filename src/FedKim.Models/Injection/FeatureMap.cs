using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Injection;

/// <summary>g of one modality: brings its feature tokens to F's hidden size by a linear map (method §4, step 1).</summary>
/// <param name="weight">[hidden, width].</param>
/// <param name="bias">[hidden].</param>
/// <param name="products">Element type of the product.</param>
public sealed class FeatureMap(Parameter weight, Parameter bias, ScalarType products = ScalarType.Float32)
{
    /// <summary>Maps feature tokens, [batch, tokens, width], to [batch, tokens, hidden].</summary>
    /// <returns>In the type of the product.</returns>
    public Tensor Map(Tensor features) => nn.functional.linear(features.to(products), weight.to(products), bias.to(products));
}
