using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace FedKim.Bench;

/// <summary>What this machine needs for a round's bytes alone, without any federation.</summary>
internal static class Floor
{
    private const int BlockBytes = 256 * 1024;
    private const int CommitBytes = 4096;
    private const int Tries = 3;

    /// <summary>
    /// Seconds to do, on all cores at once, what a round cannot do without: per client, its model is hashed and written at the client,
    /// and its update hashed and written at the client and again at the server. The least of three tries.
    /// </summary>
    public static double Seconds(int clients, int mebibytes, string folder) => Least(folder, mebibytes, (here, block, _) =>
    {
        Parallel.For(0, clients * 3, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => Write(
            Path.Combine(here, $"{i}"), Enumerable.Repeat<ReadOnlyMemory<byte>>(block, mebibytes)));
    });

    /// <summary>
    /// Seconds for all that a round does with its bytes, by the same means and nothing else: each client's model comes over TCP, is hashed and
    /// written; its update is made from that, hashed and written, goes over TCP, is hashed, enciphered and written at the server; all updates are
    /// read, deciphered, hashed and summed, and the sum is hashed, written and synced; it goes over TCP to the injector, which hashes and writes
    /// it; and the journal commits once a phase. The least of three tries.
    /// </summary>
    public static double FullSeconds(int clients, int mebibytes, string folder) => Least(folder, mebibytes, (here, _, model) =>
    {
        string In(string name) => Path.Combine(here, name);
        string journal = In("journal");
        Commit(journal);
        Commit(journal);
        Task.WaitAll([.. Enumerable.Range(0, clients).Select(i => Task.Factory.StartNew(
            () =>
            {
                Over(Read(model), bytes => Write(In($"model-{i}"), bytes));
                Write(In($"update-{i}"), Read(In($"model-{i}")));
                Over(Read(In($"update-{i}")), bytes => Write(In($"spool-{i}"), bytes, encipher: true));
            },
            TaskCreationOptions.LongRunning))]);
        Commit(journal);
        Sum(clients, mebibytes, i => In($"spool-{i}"), In("sum"));
        Commit(journal);
        Over(Read(In("sum")), bytes => Write(In("injector"), bytes));
        Commit(journal);
        Commit(journal);
    });

    // What a round finds there, the model, is made before the time begins.
    private static double Least(string folder, int mebibytes, Action<string, ReadOnlyMemory<byte>, string> work) => Enumerable.Range(0, Tries).Min(i =>
    {
        string here = Path.Combine(folder, $"floor-{i}"), model = Path.Combine(here, "model");
        Directory.CreateDirectory(here);
        byte[] block = new byte[1 << 20];
        RandomNumberGenerator.Fill(block);
        Write(model, Enumerable.Repeat<ReadOnlyMemory<byte>>(block, mebibytes));
        var watch = Stopwatch.StartNew();
        work(here, block, model);
        double seconds = watch.Elapsed.TotalSeconds;
        Directory.Delete(here, recursive: true);
        return seconds;
    });

    private static void Write(string path, IEnumerable<ReadOnlyMemory<byte>> pieces, bool encipher = false)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        using var aes = Aes.Create();
        byte[] secret = new byte[1 << 20];
        long at = 0;
        foreach (var piece in pieces)
        {
            hash.AppendData(piece.Span);
            var bytes = piece.Span;
            if (encipher)
            {
                aes.EncryptEcb(bytes, secret, PaddingMode.None);
                bytes = secret.AsSpan(0, bytes.Length);
            }

            RandomAccess.Write(file, bytes, at);
            at += bytes.Length;
        }

        hash.GetHashAndReset();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Read(string path)
    {
        using var file = File.OpenHandle(path);
        byte[] buffer = new byte[BlockBytes];
        for (long at = 0; RandomAccess.Read(file, buffer, at) is var read and > 0; at += read)
            yield return buffer.AsMemory(0, read);
    }

    // Whole blocks: what is enciphered must be.
    private static void Over(IEnumerable<ReadOnlyMemory<byte>> pieces, Action<IEnumerable<ReadOnlyMemory<byte>>> take)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sender = Task.Factory.StartNew(
            () =>
            {
                using var to = new TcpClient();
                to.Connect((IPEndPoint)listener.LocalEndpoint);
                foreach (var piece in pieces)
                    to.GetStream().Write(piece.Span);
            },
            TaskCreationOptions.LongRunning);
        using (var from = listener.AcceptTcpClient())
            take(Receive(from.GetStream()));
        sender.Wait();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Receive(NetworkStream stream)
    {
        byte[] buffer = new byte[BlockBytes];
        while (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var read and > 0)
            yield return buffer.AsMemory(0, read);
    }

    private static void Sum(int clients, int mebibytes, Func<int, string> update, string output)
    {
        var hashes = Enumerable.Range(0, clients).Select(_ => IncrementalHash.CreateHash(HashAlgorithmName.SHA256)).ToArray();
        var ciphers = Enumerable.Range(0, clients).Select(_ => Aes.Create()).ToArray();
        var files = Enumerable.Range(0, clients).Select(i => File.OpenHandle(update(i))).ToArray();
        byte[][] lanes = [.. Enumerable.Range(0, clients).Select(_ => new byte[1 << 20])];
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        using (var file = File.OpenHandle(output, FileMode.CreateNew, FileAccess.Write))
        {
            byte[] sum = new byte[1 << 20];
            for (int m = 0; m < mebibytes; m++)
            {
                long at = (long)m << 20;
                Parallel.For(0, clients, i =>
                {
                    RandomAccess.Read(files[i], lanes[i], at);
                    ciphers[i].EncryptEcb(lanes[i], lanes[i], PaddingMode.None);
                    hashes[i].AppendData(lanes[i]);
                });
                Array.Clear(sum);
                foreach (byte[] lane in lanes)
                    Add(MemoryMarshal.Cast<byte, float>(lane), MemoryMarshal.Cast<byte, float>(sum.AsSpan()));
                hash.AppendData(sum);
                RandomAccess.Write(file, sum, at);
            }

            RandomAccess.FlushToDisk(file);
        }

        foreach (var file in files)
            file.Dispose();
        foreach (var hash in hashes)
            hash.Dispose();
        foreach (var cipher in ciphers)
            cipher.Dispose();
    }

    private static void Add(ReadOnlySpan<float> from, Span<float> to)
    {
        for (int i = 0; i < to.Length; i++)
            to[i] += from[i];
    }

    private static void Commit(string journal)
    {
        using var file = File.OpenHandle(journal, FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(file, new byte[CommitBytes], RandomAccess.GetLength(file));
        RandomAccess.FlushToDisk(file);
    }
}
