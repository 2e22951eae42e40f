using System.Diagnostics;
using System.Security.Cryptography;

namespace FedKim.Bench;

/// <summary>What this machine needs for a round's bytes alone, without any federation.</summary>
internal static class Floor
{
    /// <summary>
    /// Seconds to do, on all cores at once, what a round cannot do without: per client, its model is hashed and written at the client,
    /// and its update hashed and written at the client and again at the server. The least of three tries.
    /// </summary>
    public static double Seconds(int clients, int mebibytes, string folder) => Enumerable.Range(0, 3).Min(_ => Try(clients, mebibytes, folder));

    private static double Try(int clients, int mebibytes, string folder)
    {
        byte[] block = new byte[1 << 20];
        RandomNumberGenerator.Fill(block);
        var watch = Stopwatch.StartNew();
        Parallel.For(0, clients * 3, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            string path = Path.Combine(folder, $"floor-{i}");
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0))
            {
                for (int m = 0; m < mebibytes; m++)
                {
                    hash.AppendData(block);
                    file.Write(block);
                }

                hash.GetHashAndReset();
            }

            File.Delete(path);
        });
        return watch.Elapsed.TotalSeconds;
    }
}
