namespace FedKim.Actors;

/// <summary>The HOCON files of the folder <c>hocon/</c>, carried inside the program.</summary>
public static class Fragments
{
    /// <summary>The text of a fragment, e.g. <c>cluster.conf</c>.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(Fragments).Assembly.GetManifestResourceStream($"hocon/{name}")
            ?? throw new ArgumentException($"There is no fragment {name}.", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
