using System.Globalization;
using FedKim.Models;

namespace FedKim.Configuration;

/// <summary>Where and how a node computes.</summary>
internal static class DeviceSection
{
    private const string Unlimited = "none";

    /// <summary>An injector's device.</summary>
    /// <param name="injector">Its section.</param>
    /// <param name="bits">Of <see cref="TorchBits.All"/>.</param>
    internal static InjectorDevice OfInjector(Section injector, string bits)
    {
        string device = NameOf(injector), limit = injector.Text("memory-limit"), products = injector.Choice("products", TorchProducts.All);
        int? most = int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out int mebibytes) && mebibytes > 0 ? mebibytes : null;
        if (most is null && limit != Unlimited)
            injector.Problem("memory-limit", $"is \"{limit}\"; it must be a whole number of MiB above zero, or {Unlimited}.");
        if (products == TorchProducts.Tf32 && device == TorchDevice.Cpu)
            injector.Problem("products", $"is {products}, and device is {device}: a CUDA device alone can do so. Say {TorchProducts.Float32} or {TorchProducts.Bf16}, or name a GPU.");
        else if (products == TorchProducts.Tf32 && bits == TorchBits.SameEverywhere)
            injector.Problem("products", $"is {products}, and torch.bits is {bits}: no processor makes such products. Say {TorchProducts.Float32} or {TorchProducts.Bf16}, or set torch.bits = {TorchBits.ThisMachine}.");
        return new InjectorDevice(device, injector.Choice("dtype", InjectorDevice.Types), most) { Products = products };
    }

    /// <summary>A hospital's device.</summary>
    /// <param name="hospital">Its section.</param>
    /// <param name="injector">The device of the injector in the same process; null where there is none.</param>
    internal static TorchDevice OfHospital(Section hospital, InjectorDevice? injector)
    {
        var device = new TorchDevice(NameOf(hospital));
        if (device.Name != TorchDevice.Cpu && injector is { Products: TorchProducts.Tf32 })
            hospital.Problem("device", $"is \"{device.Name}\", and injector.products is {TorchProducts.Tf32}, which counts for all that a process computes on GPUs. Give hospital and injector a node each.");
        return device;
    }

    private static string NameOf(Section section)
    {
        string device = section.Text("device");
        if (!TorchDevice.IsName(device))
            section.Problem("device", $"is \"{device}\"; allowed are auto, cpu, and cuda: with the number of a device, such as cuda:0.");
        return device;
    }
}
