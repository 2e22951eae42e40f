using FedKim.Configuration;
using FedKim.Models;

namespace FedKim.Node.Hosting;

/// <summary>Looks at a node's start whether torch can do here what the node's file says. Without a word there, torch waits for a plan that learns.</summary>
internal static class TorchSettings
{
    /// <summary>Loads torch where that shows it.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot; the message names the setting.</exception>
    /// <exception cref="TorchRuntimeException">Torch does not load.</exception>
    internal static void Check(NodeConfiguration node)
    {
        if (node.TorchBits == TorchBits.SameEverywhere && !TorchRuntime.CanComputeAlike)
            throw Wrong("torch.bits", TorchRuntime.CannotComputeAlike);
        bool shortened = node.Injector is { Products: TorchProducts.Tf32 };
        if (TorchRuntime.FolderOf(node.TorchFolder) is not null || shortened || node.Injector is { WantsCuda: true } || node.Trainer is { WantsCuda: true })
            TorchRuntime.Load(node.TorchFolder, node.TorchBits);
        foreach (var (key, device) in ((string, TorchDevice?)[])[("injector", node.Injector), ("hospital", node.Trainer)])
        {
            if (device is { WantsCuda: true } && device.Problem() is { } problem)
                throw Wrong($"{key}.device", problem);
        }

        if (shortened && node.Injector!.ProductsProblem() is { } cannot)
            throw Wrong("injector.products", cannot);

        InvalidConfigurationException Wrong(string key, string problem) => new([$"{node.File}: fedkim.{key} {problem}"]);
    }
}
