using System.CommandLine;
using FedKim.Launch;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim completion</c>: a script by which a shell completes this program's commands. It asks the program itself, so that it is never behind it.</summary>
internal static class CompletionCommand
{
    // [suggest:POSITION] LINE is the command line library's own way to be asked.
    private const string Bash = """
        _fedkim() {
            local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
            COMPREPLY=($(compgen -o default -W "$(fedkim "[suggest:$COMP_POINT]" "$COMP_LINE" 2> /dev/null)" -- "$word"))
        }
        complete -o default -F _fedkim fedkim
        """;

    private const string Zsh = """
        #compdef fedkim
        _fedkim() {
            local -a found=("${(@f)$(fedkim "[suggest:$CURSOR]" "$BUFFER" 2> /dev/null)}")
            if (( ${#found} )) && [[ -n $found[1] ]]; then compadd -a found; fi
            _files
        }
        compdef _fedkim fedkim
        """;

    private const string Fish = """
        complete -c fedkim -a '(fedkim "[suggest:"(commandline -C)"]" (commandline -cp) 2> /dev/null)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Prints what completes fedkim's commands in a shell, e.g. source <(fedkim completion bash).") { shell };
        command.SetAction(parsed =>
        {
            Console.WriteLine(parsed.GetValue(shell) switch { "zsh" => Zsh, "fish" => Fish, _ => Bash });
            return ExitCodes.Ok;
        });
        return command;
    }
}
