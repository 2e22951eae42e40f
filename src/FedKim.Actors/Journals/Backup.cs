using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Journals;

/// <summary>
/// A whole copy of a server's journal, and of the weights it names, as a folder: <c>journal.db</c>, <c>weights/</c>, and <c>backup.json</c>
/// with the digest of every file, written last. The open round's updates stay out: they are the hospitals' and lie enciphered under a key
/// that dies with the round; the hospitals send them again.
/// </summary>
/// <param name="Site">The server's name.</param>
/// <param name="MadeAt">When.</param>
/// <param name="From">How far the journal had come.</param>
/// <param name="Files">Every file.</param>
/// <param name="Missing">Weights the journal goes on from, or a federation's results, which the server did not hold whole; whoever has them gives them to a restored server.</param>
public sealed record Backup(string Site, DateTimeOffset MadeAt, JournalMark From, ImmutableArray<BackupFile> Files, ImmutableArray<string> Missing)
{
    private const string Manifest = "backup.json";
    private const string JournalName = "journal.db";
    private const string Weights = "weights";
    private const string Unfinished = ".tmp";
    private const int Attempts = 3;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Makes one of a server that runs; it goes on undisturbed.</summary>
    /// <param name="journal">Its journal.</param>
    /// <param name="store">Its weights.</param>
    /// <param name="site">Its name.</param>
    /// <param name="folder">The folder, which is made; it must not hold anything.</param>
    /// <param name="clock">The only source of time.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="JournalException">The journal cannot be read, or is in no database.</exception>
    /// <exception cref="IOException">The folder cannot be used, or is full.</exception>
    public static async Task<Backup> MakeAsync(
        Journal journal, WeightStore store, string site, string folder, TimeProvider clock, CancellationToken cancel)
    {
        if (journal.Provider == JournalProvider.Memory)
            throw new JournalException("A journal in memory cannot be copied.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new IOException($"{folder} is not empty. Name a folder that is, or does not exist.");
        Own(folder);
        Own(Path.Combine(folder, Weights));
        // What was copied and compared once need not be again.
        Dictionary<Digest, BackupFile> copied = [];
        for (int attempt = 1; ; attempt++)
        {
            string file = Path.Combine(folder, JournalName);
            File.Delete(file);
            var copy = await JournalCopy.ToFile(journal, file, cancel);
            var needs = await JournalNeeds.ReadAsync(copy, cancel);
            var head = await JournalHead.ReadAsync(copy, cancel);
            JournalFile.Close(copy);
            var files = ImmutableArray.CreateBuilder<BackupFile>();
            List<Digest> missing = [];
            foreach (var digest in needs.Needed.Union(needs.Named))
            {
                cancel.ThrowIfCancellationRequested();
                if (copied.TryGetValue(digest, out var before))
                    files.Add(before);
                else if (Take(store, digest, Path.Combine(folder, Weights, digest.Hex)) is { } taken)
                    files.Add(copied[digest] = taken);
                else if (needs.Needed.Contains(digest))
                    missing.Add(digest);
            }
            // What a round that ended meanwhile removed is not needed by the journal as it is now.
            if (missing.Count > 0 && attempt < Attempts)
                continue;
            files.Add(new BackupFile(JournalName, new FileInfo(file).Length, Digests.OfFile(file).Hex));
            var backup = new Backup(site, clock.GetUtcNow(), head, files.ToImmutable(), [.. missing.Select(d => d.Hex)]);
            DurableFile.Write(Path.Combine(folder, Manifest), JsonSerializer.SerializeToUtf8Bytes(backup, Json));
            return backup;
        }
    }

    /// <summary>Brings a backup back into a work folder that holds neither journal nor weights. Every file is compared with its digest before anything is written.</summary>
    /// <param name="folder">The backup.</param>
    /// <param name="work">The server's work folder; it is made.</param>
    /// <param name="journal">The journal it is brought back into; null for <c>journal.db</c> in the work folder.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="JournalException">The backup is damaged, or there is a journal already.</exception>
    /// <exception cref="IOException">A folder cannot be used, or is full.</exception>
    public static async Task<Backup> RestoreAsync(string folder, string work, Journal? journal, CancellationToken cancel)
    {
        var backup = Read(folder);
        string weights = Path.Combine(work, Weights);
        var target = journal ?? Journal.Sqlite(Path.Combine(work, JournalName));
        if (JournalFile.PathOf(target) is { } there && (File.Exists(there) || File.Exists(there + "-wal")))
            throw new JournalException($"{there} exists already. Move it away, and its -wal file with it, or name another work folder.");
        if (Directory.Exists(weights) && Directory.EnumerateFiles(weights).Any())
            throw new JournalException($"{weights} holds weights already. Move them away, or name another work folder.");
        Own(work);
        Own(weights);
        foreach (var file in backup.Files.Where(f => f.Name != JournalName))
            Copy(Path.Combine(folder, file.Name), Path.Combine(weights, Path.GetFileName(file.Name)), new Digest(file.Sha256));
        if (JournalFile.PathOf(target) is { } path)
        {
            Copy(Path.Combine(folder, JournalName), path, new Digest(backup.Files.Single(f => f.Name == JournalName).Sha256));
        }
        else
        {
            var copy = Journal.Sqlite(Path.Combine(folder, JournalName));
            await JournalCopy.Into(copy, target, cancel);
            JournalFile.Close(copy);
        }
        backup.From.Write(Path.Combine(work, "journal.mark"));
        return backup;
    }

    private static Backup Read(string folder)
    {
        string path = Path.Combine(folder, Manifest);
        if (!File.Exists(path))
            throw new JournalException($"{folder} is no backup: it has no {Manifest}, which is written last.");
        Backup backup;
        try
        {
            backup = JsonSerializer.Deserialize<Backup>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new JournalException($"{path} cannot be read: {e.Message}");
        }
        if (backup.From is null || backup.Files.Any(f => f?.Name is null || f.Sha256 is null))
            throw new JournalException($"{path} does not say what it is of, or a file of it is nothing. Take another backup.");
        if (backup.Files.IsDefaultOrEmpty || backup.Files.Count(f => f.Name == JournalName) != 1)
            throw new JournalException($"{path} lists no {JournalName}.");
        foreach (var file in backup.Files)
        {
            if (file.Name != JournalName && (Path.GetDirectoryName(file.Name) != Weights || Path.GetFileName(file.Name) != file.Sha256))
                throw new JournalException($"{path} lists \"{file.Name}\", which is no file of a backup.");
            string there = Path.Combine(folder, file.Name);
            if (!File.Exists(there))
                throw new JournalException($"{folder} is not whole: {file.Name} is missing.");
            if (Digests.OfFile(there).Hex != file.Sha256)
                throw new JournalException($"{folder} is damaged: {file.Name} is not the file that was copied; its SHA-256 is another than in {Manifest}.");
        }
        return backup;
    }

    private static BackupFile? Take(WeightStore store, Digest digest, string to)
    {
        if (!store.Has(digest))
            return null;
        try
        {
            return new BackupFile($"{Weights}/{digest.Hex}", Copy(store.Get(digest).Path, to, digest), digest.Hex);
        }
        // Which of the two disks it was shows on the server's: a copy of what is whole there must succeed.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !IsWhole(store, digest))
        {
            File.Delete(to);
            File.Delete(to + Unfinished);
            return null;
        }
    }

    private static bool IsWhole(WeightStore store, Digest digest)
    {
        try
        {
            return store.Verify(digest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Copy(string from, string to, Digest digest)
    {
        using (var source = File.OpenRead(from))
        using (var target = DurableFile.Begin(to + Unfinished, secret: true))
        {
            source.CopyTo(target);
            DurableFile.Commit(target.SafeFileHandle, to + Unfinished, to);
        }
        return Digests.OfFile(to) == digest ? new FileInfo(to).Length : throw new IOException($"{Path.GetFileName(from)} was damaged on its way to {to}, or is damaged where it lies.");
    }

    private static void Own(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">Its path below the backup's folder.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256, in hexadecimal.</param>
public sealed record BackupFile(string Name, long Bytes, string Sha256);
