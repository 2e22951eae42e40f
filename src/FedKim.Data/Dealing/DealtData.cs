using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Data.Files;

namespace FedKim.Data.Dealing;

/// <summary>
/// What a place was dealt: whose samples it may read of data that lie elsewhere, whole and only once. It stands in the place's folder as
/// <c>dealt.json</c>, in the stead of the data.
/// </summary>
public sealed record DealtData
{
    /// <summary>The file's name.</summary>
    public const string FileName = "dealt.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The folder with the whole data sets.</summary>
    public required string From { get; init; }

    /// <summary>Every source of the federation that was dealt.</summary>
    public required ImmutableArray<DealtSource> Sources { get; init; }

    /// <summary>Pool → whom this place was dealt of it.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<string>> Patients { get; init; }

    /// <summary>Whether a folder is a place that was dealt its data.</summary>
    public static bool Lies(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>
    /// Finds where the samples of a source lie that <paramref name="folder"/> was dealt, whose, and of which published part, if only of one; null
    /// when it was dealt none of them.
    /// </summary>
    /// <exception cref="DataException">The folder's file cannot be used, or deals the source's path for other tasks only.</exception>
    public static (string Folder, IReadOnlySet<string> Patients, PublishedPart? Part)? Find(TaskSource source, string folder)
    {
        if (!Lies(folder))
            return null;
        string path = Path.Combine(folder, FileName);
        var dealt = Read(path);
        if (!dealt.Sources.Any(s => s.Path == source.Path))
            return null;
        if (dealt.Sources.FirstOrDefault(s => s.Is(source)) is not { } found || !dealt.Patients.TryGetValue(source.Pool, out var patients))
            throw new DataException(path, $"deals {source.Path} for other tasks than this one; deal the data again with this federation's file.");
        if (!found.Here || patients.IsEmpty)
            return null;
        return Directory.Exists(dealt.From)
            ? (dealt.From, patients.ToHashSet(StringComparer.Ordinal), found.Part)
            : throw new DataException(path, $"names the data folder {dealt.From}, which does not exist; bring it back or deal the data again.");
    }

    /// <summary>Writes the file into a folder, which is created.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        using var file = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(file, this, Json);
        file.Flush(flushToDisk: true);
    }

    // Within lists nothing else refuses a null.
    private bool IsWhole => !Sources.IsDefault && Sources.All(source => source is not null)
        && Patients.Values.All(patients => !patients.IsDefault && patients.All(patient => patient is not null));

    private static DealtData Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<DealtData>(SiteFile.Read(path), Json) is { } dealt && dealt.IsWhole ? dealt : throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new DataException(path, $"cannot be read at {e.Path}; deal the data again.", e);
        }
    }
}

/// <summary>A task's source, as far as dealing tells one from another.</summary>
/// <param name="Path">Folder below the one with the whole data sets.</param>
/// <param name="Label">Its label.</param>
/// <param name="Attribute">What its questions ask about.</param>
/// <param name="Here">Whether the place reads it at all: tasks that are only measured are read in the test data alone.</param>
/// <param name="Part">The one part of its publisher's that the place reads, where these are kept; null for a source that is dealt anew.</param>
public sealed record DealtSource(
    string Path, string Label, string Attribute, bool Here, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PublishedPart? Part = null)
{
    /// <summary>Whether it is this one.</summary>
    public bool Is(TaskSource source) =>
        Path == source.Path && Label == source.Label && Attribute == source.Attribute && (Part is not null) == (source.Split == SplitBy.Published);
}
