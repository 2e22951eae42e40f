using FedKim.Commands;
using FedKim.Commands.Palettes;
using FedKim.Commands.Parsing;

namespace FedKim.Pbm;

/// <summary>Completion of <c>pbm</c>'s lines by a shell: scripts that ask pbm itself what may come next.</summary>
internal static class Shells
{
    /// <summary>Asks pbm for the words that may stand where the line's last word stands; for the scripts.</summary>
    public const string Ask = "--complete";

    private const string Bash = """
        # Completion of pbm for bash: source <(pbm completion bash)
        _pbm() {
            local IFS=$'\n'
            COMPREPLY=($(pbm --complete "${COMP_LINE:0:COMP_POINT}" 2>/dev/null))
        }
        complete -o default -F _pbm pbm
        """;

    private const string Zsh = """
        #compdef pbm
        # Completion of pbm for zsh, after compinit: source <(pbm completion zsh)
        _pbm() {
            local -a found
            found=("${(@f)$(pbm --complete "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
            (( ${#found[1]} )) && compadd -a found || _files
        }
        compdef _pbm pbm
        """;

    private const string Fish = """
        # Completion of pbm for fish: pbm completion fish | source
        complete -c pbm -f -a '(pbm --complete (commandline -cp) 2>/dev/null)'
        """;

    private static readonly string[] Names = ["bash", "zsh", "fish"];

    // What stands before a command's words, or in place of one.
    private static readonly string[] Own = ["completion", "--certificate", "--help", "--version"];

    /// <summary>The script for a shell.</summary>
    /// <param name="words">What follows <c>pbm completion</c>.</param>
    /// <exception cref="CommandException">There is none for it.</exception>
    public static string Script(string[] words) => words switch
    {
        ["bash"] => Bash,
        ["zsh"] => Zsh,
        ["fish"] => Fish,
        [var other] when NearestName.To(other, Names) is { } near => throw new CommandException(CommandFault.Usage, $"There is no completion for '{other}'. Did you mean '{near}'?"),
        _ => throw new CommandException(CommandFault.Usage, $"completion wants a shell: {string.Join(", ", Names)}."),
    };

    /// <summary>The words that may come next in a line of a shell, which begins with the program's name.</summary>
    public static IEnumerable<string> Next(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).ToList();
        bool begun = words.Count > 0 && !line.EndsWith(' ');
        string typed = begun ? words[^1] : "";
        if (words is ["--certificate"] || (words is ["--certificate", _] && begun))
            return [];
        if (words is ["--certificate", ..])
            words.RemoveRange(0, 2);
        if (words.Count > 0 && words[0].Contains(':', StringComparison.Ordinal) && !(begun && words.Count == 1))
            words.RemoveAt(0);
        if (words is ["completion", ..])
            return words.Count == (begun ? 2 : 1) ? Names.Where(name => name.StartsWith(typed, StringComparison.Ordinal)) : [];
        var known = Completion.Of(OwnCatalogue.Palettes, string.Join(' ', begun ? words : words.Append("")));
        return words.Count == (begun ? 1 : 0) ? known.Where(word => word != "exit").Concat(Own.Where(word => word.StartsWith(typed, StringComparison.Ordinal))) : known;
    }
}
