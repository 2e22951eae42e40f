using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;

namespace FedKim.Node.Page;

/// <summary>A file of the page, as it lies in the program.</summary>
/// <param name="Path">Where it is served.</param>
/// <param name="Type">Its media type.</param>
/// <param name="Tag">What tells it from another of its name: an entity tag.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record PageFile(string Path, string Type, string Tag, ReadOnlyMemory<byte> Content)
{
    /// <summary>Where the page is.</summary>
    public const string Root = "/page/";

    private const string Resources = "page/", Index = "index.html";
    private const int Digits = 32;

    /// <summary>The page's address for people on this machine.</summary>
    /// <param name="port">The port of a server's commands.</param>
    public static string On(int port) => $"http://127.0.0.1:{port}{Root}";

    /// <summary>All of them.</summary>
    public static ImmutableArray<PageFile> All()
    {
        var program = typeof(PageFile).Assembly;
        var names = program.GetManifestResourceNames().Where(name => name.StartsWith(Resources, StringComparison.Ordinal));
        return [.. names.Order(StringComparer.Ordinal).Select(name => Of(program, name))];
    }

    private static PageFile Of(Assembly program, string resource)
    {
        using var stream = program.GetManifestResourceStream(resource)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        string name = resource[Resources.Length..].Replace('\\', '/');
        return new PageFile(name == Index ? Root : Root + name, TypeOf(name), $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..Digits]}\"", content);
    }

    private static string TypeOf(string name) => System.IO.Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
