using System.Text;
using System.Text.RegularExpressions;

namespace FedKim.Architecture.Tests;

/// <summary>The page of a node's settings, made of <c>hocon/reference.conf</c>: each key, its default, and the comment above it.</summary>
internal static partial class SettingsPage
{
    /// <summary>The page.</summary>
    /// <param name="reference">Text of the file.</param>
    public static string Of(string reference)
    {
        var page = new StringBuilder();
        var (path, comment) = (new List<string>(), new List<string>());
        bool table = false;
        page.Append("# Settings of a node\n\nMade from [`hocon/reference.conf`](../../hocon/reference.conf): every key with the value it has when a node's file does not say\notherwise. Relative paths start at the folder of the file they are written in.\n");
        foreach (string line in reference.Split('\n').Select(l => l.Trim()).SkipWhile(l => !l.StartsWith("fedkim", StringComparison.Ordinal)))
        {
            if (line.StartsWith('#'))
            {
                comment.Add(line.TrimStart('#').Trim());
            }
            else if (line == "}")
            {
                path.RemoveAt(path.Count - 1);
                table = false;
            }
            else if (line.EndsWith('{'))
            {
                path.Add(line[..^1].Trim());
                table = false;
            }
            else if (Setting().Match(line) is { Success: true } setting)
            {
                if (!table)
                    page.Append($"\n## {string.Join('.', path)}\n\n| key | default | |\n|---|---|---|\n");
                table = true;
                page.Append($"| `{setting.Groups["key"].Value}` | `{setting.Groups["value"].Value}` | {string.Join(' ', comment).Replace("|", "\\|", StringComparison.Ordinal)} |\n");
                comment.Clear();
            }
        }

        return page.ToString();
    }

    [GeneratedRegex("^(?<key>[a-z-]+) = (?<value>.+)$")]
    private static partial Regex Setting();
}
