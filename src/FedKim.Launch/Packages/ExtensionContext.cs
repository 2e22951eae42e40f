using System.Reflection;
using System.Runtime.Loader;

namespace FedKim.Launch.Packages;

/// <summary>
/// Where a package's assemblies are loaded. What FedKim has of its own is FedKim's for the package too, or its strategy would be none of ours;
/// what it has not comes from beside the package.
/// </summary>
/// <param name="file">The package's assembly.</param>
internal sealed class ExtensionContext(string file) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(file))
{
    private readonly AssemblyDependencyResolver _beside = new(file);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName name) =>
        !File.Exists(Path.Combine(AppContext.BaseDirectory, $"{name.Name}.dll")) && _beside.ResolveAssemblyToPath(name) is { } path ? LoadFromAssemblyPath(path) : null;

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string name) =>
        _beside.ResolveUnmanagedDllToPath(name) is { } path ? LoadUnmanagedDllFromPath(path) : base.LoadUnmanagedDll(name);
}
