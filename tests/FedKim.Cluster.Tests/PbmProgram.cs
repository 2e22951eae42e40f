using System.Diagnostics;

namespace FedKim.Cluster.Tests;

/// <summary>The built <c>pbm</c>, as a process of its own.</summary>
internal static class PbmProgram
{
    /// <summary>Runs it to its end, which must be a good one.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> Run(params string[] words)
    {
        var (code, output, errors) = await End(words);
        Assert.True(code == 0, $"pbm {string.Join(' ', words)} ended with {code}:\n{output}\n{errors}");
        return output;
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<(int Code, string Output, string Errors)> End(params string[] words) => FedKimProgram.EndAsync(
        new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "pbm.dll"), .. words]),
        TestContext.Current.CancellationToken);
}
