using System.Collections.Immutable;
using System.Reflection;
using FedKim.Configuration;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Launch.Packages;

/// <summary>
/// Packages of the user's own that add strategies, readers, encoders, metrics and commands. Their code runs with all of the node's rights, and so only a person at
/// this machine names them: on a command line, or in a node's own file. No plan and no message can.
/// </summary>
public static class Extensions
{
    private static readonly Lock Loading = new();

    /// <summary>What this process has loaded, in order. The nodes that it starts get the same.</summary>
    public static ImmutableArray<Extension> Loaded { get; private set; } = [];

    /// <summary>Loads packages, each once, and adds what they hold.</summary>
    /// <param name="named">Where they are named, e.g. a node's file and the key.</param>
    /// <param name="files">Their assemblies.</param>
    /// <exception cref="InvalidConfigurationException">One cannot be used.</exception>
    public static void Load(string named, IEnumerable<string> files)
    {
        lock (Loading)
        {
            foreach (string file in files.Select(file => file.Length > 0 ? Path.GetFullPath(file) : throw Wrong($"{named} names no file.")).Except(Loaded.Select(extension => extension.File)).ToArray())
                Loaded = Loaded.Add(Read($"{named} names {file}", file));
            PackagePrint.Loaded(Loaded.Select(extension => extension.Content));
        }
    }

    private static Extension Read(string named, string file)
    {
        if (!File.Exists(file))
            throw Wrong($"{named}, and there is no such file. Build the package, or correct the path.");
        try
        {
            var assembly = new ExtensionContext(file).LoadFromAssemblyPath(file);
            // All are made before any is added: a package that is refused leaves nothing behind.
            var adds = Make(named, assembly).ToArray().Select(one => Add(named, one.Seam, one.Made)).ToImmutableArray();
            return adds.IsEmpty
                ? throw Wrong($"{named}, which adds nothing: no public class of it implements {string.Join(" or ", Seam.All.Select(seam => seam.Interface.Name))}.")
                : new Extension(file, Digests.OfFile(file), adds);
        }
        catch (BadImageFormatException)
        {
            throw Wrong($"{named}, which is no .NET assembly. Name the .dll that the build of the package makes.");
        }
        catch (Exception e) when (e is not (InvalidConfigurationException or TypeLoadException or ReflectionTypeLoadException or MissingMemberException))
        {
            throw Wrong($"{named}, which cannot be loaded: {e.Message} Copy all that the build of the package makes.");
        }
        catch (Exception e) when (e is TypeLoadException or ReflectionTypeLoadException or MissingMemberException)
        {
            throw Wrong($"{named}, which was made for another FedKim than this one: {e.Message.Split('\n', 2)[0].Trim()} Build it again with this one's assemblies.");
        }
    }

    // In the order of their names: the order of types in an assembly means nothing.
    private static IEnumerable<(Seam Seam, object Made)> Make(string named, Assembly assembly) =>
        from type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)
        where type is { IsClass: true, IsAbstract: false }
        from seam in Seam.All
        where seam.Interface.IsAssignableFrom(type)
        select (seam, Make(named, type));

    private static object Make(string named, Type type)
    {
        if (type.GetConstructor([]) is not { } constructor)
            throw Wrong($"{named}, whose {type.FullName} cannot be made: it has no public constructor without parameters.");
        try
        {
            return constructor.Invoke([]);
        }
        catch (TargetInvocationException e)
        {
            throw Wrong($"{named}, whose {type.FullName} cannot be made: {e.InnerException!.Message}");
        }
    }

    private static string Add(string named, Seam seam, object made)
    {
        try
        {
            return $"{seam.Kind} {seam.Add(made)}";
        }
        catch (ArgumentException e)
        {
            throw Wrong($"{named}, which {e.Message}");
        }
    }

    private static InvalidConfigurationException Wrong(string problem) => new([problem]);
}
