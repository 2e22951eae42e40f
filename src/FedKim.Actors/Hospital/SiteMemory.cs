using System.Text.Json;
using FedKim.Rounds;

namespace FedKim.Actors.Hospital;

/// <summary>What a site remembers from round to round, as small files beside the folder of its rounds: which work folder this is, and what it trained on last.</summary>
/// <param name="folder">The folder of the rounds' folders.</param>
internal sealed class SiteMemory(string folder)
{
    private readonly string _data = Beside(folder, "data");
    private Trained? _last;
    private bool _read;

    /// <summary>A name of this work folder that no other has; empty where none can be kept.</summary>
    public string Machine { get; } = NameOf(folder);

    /// <summary>The round from which on the site trained on other data than in the federation's rounds before; empty for none.</summary>
    public string ChangedIn => Last?.ChangedIn ?? "";

    private Trained? Last
    {
        get
        {
            if (!_read)
                (_last, _read) = (Read(), true);
            return _last;
        }
    }

    /// <summary>What the site says of the data it trained on in a round.</summary>
    public DataPrint Print(RoundId round, string data) =>
        new(data, data.Length > 0 && Last is { } last && last.Federation == round.Federation.Value && last.Data != data ? last.Data : "");

    /// <summary>The round counted: from now on the next one is compared with its data.</summary>
    public void Counted(RoundId round, string data)
    {
        if (data.Length == 0)
            return;
        string changed = Print(round, data).Changed ? round.ToString() : Last is { } last && last.Federation == round.Federation.Value ? last.ChangedIn : "";
        if (new Trained(round.Federation.Value, data, changed) is var now && now == Last)
            return;
        (_last, _read) = (now, true);
        try
        {
            File.WriteAllBytes(_data, JsonSerializer.SerializeToUtf8Bytes(now, JsonSerializerOptions.Web));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // After a restart a change between these two rounds would not be noticed; nothing else depends on it.
        }
    }

    private Trained? Read()
    {
        try
        {
            return File.Exists(_data) ? JsonSerializer.Deserialize<Trained>(File.ReadAllBytes(_data), JsonSerializerOptions.Web) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string NameOf(string folder)
    {
        string path = Beside(folder, "machine");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (File.Exists(path) && File.ReadAllText(path) is { Length: 32 } known)
                return known;
            string made = Guid.NewGuid().ToString("N");
            File.WriteAllText(path, made);
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    // Within it everything goes when a round has ended.
    private static string Beside(string folder, string name) => $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))}.{name}";

    private sealed record Trained(string Federation, string Data, string ChangedIn);
}
