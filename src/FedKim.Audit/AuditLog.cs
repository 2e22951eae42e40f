using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Audit;

/// <summary>
/// A node's audit log, <c>audit.jsonl</c>: never shortened, never replaced. Whoever tells it something does not wait: a thread of its own writes, and
/// has a line with the system within milliseconds and on the disk within five seconds. A process that is killed loses nothing that was written; a
/// power cut may take the last five seconds.
/// </summary>
public sealed class AuditLog : IDisposable
{
    /// <summary>The log's name in its folder.</summary>
    public const string Name = "audit.jsonl";

    /// <summary>The name of its head.</summary>
    public const string HeadName = "audit.head";

    private const int MostWaiting = 10_000, MostAtOnce = 1_000;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), SyncEvery = TimeSpan.FromSeconds(5), EndWithin = TimeSpan.FromSeconds(5);

    private readonly BlockingCollection<(DateTimeOffset At, AuditEntry Entry)> _waiting = new(MostWaiting);
    private readonly ManualResetEventSlim _ending = new();
    private readonly Refusals _refusals = new();
    private readonly string _path, _headPath;
    private readonly TimeProvider _clock;
    private readonly Action<string> _told;
    private readonly Thread _writer;
    private SafeFileHandle? _file;
    private AuditHead _last = AuditHead.None, _synced = AuditHead.None;
    private long _length, _lost, _syncedAt;
    private string _said = "";

    private AuditLog(string folder, TimeProvider clock, Action<string> told)
    {
        (_path, _headPath, _clock, _told) = (Path.Combine(folder, Name), Path.Combine(folder, HeadName), clock, told);
        _writer = new Thread(Write) { IsBackground = true, Name = "audit" };
    }

    /// <summary>Opens a folder's log, which is this process's alone, and goes on with it; made where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">Says when.</param>
    /// <param name="told">Told what hinders it, and what it finds broken, from its own thread; it goes on, and keeps what it was told as long as there is room.</param>
    public static AuditLog Open(string folder, TimeProvider clock, Action<string> told)
    {
        var log = new AuditLog(folder, clock, told);
        log._writer.Start();
        return log;
    }

    /// <summary>Notes what happened. It does not wait, and never throws.</summary>
    public void Note(AuditEntry entry)
    {
        try
        {
            if (!_waiting.TryAdd((_clock.GetUtcNow(), entry)))
                Interlocked.Increment(ref _lost);
        }
        catch (InvalidOperationException)
        {
            // The node has ended; whoever still speaks is not heard.
        }
    }

    /// <summary>Writes what it was told until now, durably, and ends.</summary>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        _ending.Set();
        _writer.Join(EndWithin);
    }

    private void Write()
    {
        bool open = false;
        do
        {
            try
            {
                if (!open)
                    open = Resume();
                Append(Next());
                if (_last != _synced && _clock.GetElapsedTime(_syncedAt) >= SyncEvery)
                    Sync();
                _said = "";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Hinder(e);
            }
        }
        while (!_waiting.IsCompleted);
        try
        {
            if (open)
                Append([.. _refusals.Counted().Select(entry => (_clock.GetUtcNow(), entry))]);
            if (open && _last != _synced)
                Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Hinder(e);
        }
        _file?.Dispose();
    }

    private bool Resume()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _file?.Dispose();
        _file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        var chain = new AuditChain(AuditHead.Read(_headPath));
        using (var log = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            chain.Follow(log);
        (_last, _length) = (chain.Last, RandomAccess.GetLength(_file));
        List<(DateTimeOffset, AuditEntry)> found = [];
        // The next line is to begin where a line does.
        if (!chain.IsEnded)
            RandomAccess.Write(_file, "\n"u8, _length++);
        if (chain.Torn.Length > 0)
        {
            byte[] torn = [.. chain.Torn, .. chain.IsEnded ? ""u8 : "\n"u8];
            found.Add((_clock.GetUtcNow(), new AuditEntry(AuditKind.Torn, AuditMatter.Log) { Bytes = torn.Length, Digest = AuditChain.DigestOf(torn) }));
        }
        if (chain.News is { } problem)
        {
            _told($"{_path}: {problem}");
            found.Add((_clock.GetUtcNow(), new AuditEntry(AuditKind.Broken, AuditMatter.Log) { Detail = problem }));
        }
        Append(found);
        return true;
    }

    private List<(DateTimeOffset, AuditEntry)> Next()
    {
        List<(DateTimeOffset, AuditEntry)> next = [];
        if (_waiting.TryTake(out var one, Look))
        {
            do
            {
                if (_refusals.IsFirst(one.At, one.Entry))
                    next.Add(one);
            }
            while (next.Count < MostAtOnce && _waiting.TryTake(out one));
        }
        var now = _clock.GetUtcNow();
        next.AddRange(_refusals.Counted(now).Select(entry => (now, entry)));
        if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
            next.Add((now, new AuditEntry(AuditKind.Lost, AuditMatter.Log) { Times = lost, Detail = "the log could not be written for a while" }));
        return next;
    }

    // All of it or nothing, as far as this process knows: what a full disk took a part of is taken back, and tried again.
    private void Append(IReadOnlyList<(DateTimeOffset At, AuditEntry Entry)> entries)
    {
        if (entries.Count == 0)
            return;
        List<byte> bytes = [];
        var last = _last;
        foreach (var (at, entry) in entries)
        {
            var (line, text) = AuditLine.Make(last.Number + 1, at, entry, last.Hash);
            bytes.AddRange(text);
            bytes.Add((byte)'\n');
            last = new AuditHead(line.Number, line.Hash);
        }
        while (true)
        {
            try
            {
                RandomAccess.Write(_file!, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes), _length);
                (_last, _length) = (last, _length + bytes.Count);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && !_waiting.IsAddingCompleted)
            {
                Hinder(e);
            }
        }
    }

    private void Sync()
    {
        RandomAccess.FlushToDisk(_file!);
        _last.Write(_headPath);
        (_synced, _syncedAt) = (_last, _clock.GetTimestamp());
    }

    private void Hinder(Exception e)
    {
        if (_said != e.Message)
            _told($"the audit log cannot be written, and is tried again: {e.Message}");
        _said = e.Message;
        // Nobody else waits on this thread; and a node that ends does not wait for a disk, either.
        _ending.Wait(Look);
    }
}
