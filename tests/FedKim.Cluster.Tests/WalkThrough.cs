using System.Diagnostics;
using System.Text.RegularExpressions;
using FedKim.Testing;

namespace FedKim.Cluster.Tests;

/// <summary>A page of docs/how-to as a newcomer goes through it: what it says to write is written, what it says in sh is run, in the order of the page.</summary>
/// <param name="page">The page's name.</param>
/// <param name="port">Where pbm finds the first node of what it starts.</param>
internal sealed partial class WalkThrough(string page, string port) : IDisposable
{
    /// <summary>The new, empty folder in which everything happens.</summary>
    public TemporaryFolder Folder { get; } = new();

    /// <summary>The page.</summary>
    public string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs", "how-to", page));

    /// <summary>Goes through it.</summary>
    public async Task Go(CancellationToken cancel)
    {
        foreach (Match block in Blocks().Matches(Text))
        {
            if (block.Groups["file"] is { Success: true } file)
                Folder.Write(file.Value, block.Groups["text"].Value);
            else if (block.Groups["language"].Value == "sh")
                await Run(block.Groups["text"].Value, cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Folder.Dispose();

    // The page speaks of the usual port, which somebody else may have.
    private async Task Run(string commands, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-e", "-c", commands.Replace("fedkim.dll\" up ", $"fedkim.dll\" up --pbm-port {port} ", StringComparison.Ordinal)])
        {
            WorkingDirectory = Folder.Path,
            Environment =
            {
                ["FEDKIM"] = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory),
                // No compiler outlives the test.
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["UseSharedCompilation"] = "false",
            },
        };
        var (code, output, errors) = await FedKimProgram.EndAsync(start, cancel);
        Assert.True(code == 0, $"{page}: {commands} ended with {code}:\n{output}\n{errors}");
    }

    [GeneratedRegex("""(?:^Write `(?<file>[^`\n]+)`[^`\n]*:\n\n)?^```(?<language>\w+)\n(?<text>.*?)^```$""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
