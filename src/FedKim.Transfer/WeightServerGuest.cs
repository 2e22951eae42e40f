using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FedKim.Transfer;

/// <summary>What else is offered at a weight server's port, beside weights.</summary>
/// <param name="Add">Adds its services.</param>
/// <param name="Map">Maps its endpoints.</param>
public sealed record WeightServerGuest(Action<IServiceCollection> Add, Action<IEndpointRouteBuilder> Map)
{
    /// <summary>This and more endpoints.</summary>
    public WeightServerGuest And(Action<IEndpointRouteBuilder> map) => this with { Map = Map + map };
}
