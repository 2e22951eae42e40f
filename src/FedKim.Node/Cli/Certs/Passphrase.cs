using System.CommandLine;
using System.Text;
using FedKim.Certificates;

namespace FedKim.Node.Cli.Certs;

/// <summary>
/// The passphrase of an authority's key: from a file, from the environment, or asked for on the terminal. Never an argument: arguments stand in the
/// machine's list of processes.
/// </summary>
internal static class Passphrase
{
    private const string Variable = "FEDKIM_PASSPHRASE";

    /// <summary>The file it is in.</summary>
    public static Option<string?> File() => new("--passphrase-file")
    {
        Description = $"A file with the passphrase of the authority's key. Without it: the environment variable {Variable}, or else it is asked for where the key has one.",
    };

    /// <summary>Opens an authority, whose key may have one.</summary>
    /// <param name="folder">The authority's folder.</param>
    /// <param name="file">The option's value.</param>
    public static CertificateAuthority Open(string folder, string? file) =>
        CertificateAuthority.Open(folder, CertificateAuthority.AsksForPassphrase(folder) ? Given(file) ?? Asked($"Passphrase of {folder}: ") : null, TimeProvider.System);

    /// <summary>The one of a new key; null where it has none.</summary>
    /// <param name="file">The option's value.</param>
    /// <param name="ask">Whether to ask for one.</param>
    public static string? New(string? file, bool ask)
    {
        if (Given(file) is { } given)
            return given;
        if (!ask)
            return null;
        string first = Asked("Passphrase of the new key: ");
        return first.Length > 0 && first == Asked("Once more: ") ? first : throw new CertificateException("No passphrase was given, or not the same twice. Nothing was made; try again.");
    }

    private static string? Given(string? file)
    {
        if (file is null)
            return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } secret ? secret : null;
        return PemFile.Read(file, "the passphrase").TrimEnd('\r', '\n') is { Length: > 0 } text ? text : throw new CertificateException($"{file} is empty; it should hold the passphrase.");
    }

    private static string Asked(string question)
    {
        if (Console.IsInputRedirected)
            throw new CertificateException($"A passphrase is needed, and there is no terminal to ask on. Name the file that holds it with --passphrase-file, or set {Variable}.");
        Console.Error.Write(question);
        var text = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}
