using System.Net.Security;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Commands.Parsing;

namespace FedKim.Pbm;

/// <summary>Runs lines at one node, connecting when first needed and again after the connection was lost.</summary>
internal sealed class Session(NodeAddress address, SslClientAuthenticationOptions? tls, TextWriter output, TextWriter errors) : IAsyncDisposable
{
    private const int Interrupted = 130, LeastWidth = 20;

    private readonly Lock _gate = new();
    private CommandClient? _client;
    private CancellationTokenSource? _running;

    /// <summary>Ends the running command, if there is one.</summary>
    /// <returns>Whether there was.</returns>
    public bool Interrupt()
    {
        lock (_gate)
        {
            _running?.Cancel();
            return _running is not null;
        }
    }

    /// <summary>Runs one line's words and prints the answer, or one line that says why there is none.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        using var running = new CancellationTokenSource();
        lock (_gate)
            _running = running;
        bool endless = false;
        try
        {
            var palettes = await PalettesFor(words, running.Token);
            switch (CommandParser.Parse(palettes, words))
            {
                case ParsedLine.Help help:
                    output.Write(HelpText.For(palettes, help.Palette, help.Command));
                    break;
                case ParsedLine.Invoke { Client.Watch: { } every } invoke:
                    endless = true;
                    await WatchAsync(invoke, every, running.Token);
                    break;
                case ParsedLine.Invoke invoke:
                    endless = invoke.Definition.Answer == AnswerShape.Stream;
                    if (invoke.Question is { } question && !IsMeant(question, running))
                        return (int)CommandFault.Failed;
                    await AnswerAsync(output, invoke, running.Token);
                    break;
            }

            return 0;
        }
        catch (CommandException e)
        {
            errors.WriteLine($"pbm: {e.Message}");
            return (int)e.Fault;
        }
        catch (OperationCanceledException)
        {
            return endless ? 0 : Interrupted;
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
    }

    /// <summary>Reads lines and runs them until <c>exit</c> or the end of the input.</summary>
    /// <returns>0 from a terminal; from a file or pipe the exit code of the last line.</returns>
    public async Task<int> ConverseAsync()
    {
        try
        {
            var client = await Connected(CancellationToken.None);
            if (!Console.IsInputRedirected)
                output.WriteLine($"Connected to {client.Node}. 'help' lists what it can do, 'exit' leaves.");
        }
        catch (CommandException e)
        {
            errors.WriteLine($"pbm: {e.Message}");
            return (int)e.Fault;
        }

        string prompt = $"[{address}] pbm> ";
        var editor = Console.IsInputRedirected || Console.IsOutputRedirected ? null : new LineEditor(prompt, line => Completion.Of(_client!.Palettes, line));
        int code = 0;
        while (true)
        {
            // What a script gets on standard output is answers only.
            if (editor is null)
                errors.Write(prompt);
            string? line = editor is null ? Console.In.ReadLine() : editor.ReadLine();
            if (line is null)
                break;
            try
            {
                var words = CommandText.Split(line);
                if (words.Count == 0)
                    continue;
                if (words is ["exit" or "quit"])
                    break;
                code = await RunAsync(words);
            }
            catch (CommandException e)
            {
                errors.WriteLine($"pbm: {e.Message}");
                code = (int)e.Fault;
            }
        }

        return Console.IsInputRedirected ? code : 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
    }

    // Help is there without a node, too: then it is what a node of this version knows.
    private async Task<PaletteSet> PalettesFor(IReadOnlyList<string> words, CancellationToken cancel)
    {
        try
        {
            return (await Connected(cancel)).Palettes;
        }
        catch (CommandException) when (CommandParser.AsksForHelp(words))
        {
            errors.WriteLine($"pbm: no node answers at {address}; this is what a node of this version knows.");
            return OwnCatalogue.Palettes;
        }
    }

    private async Task AnswerAsync(TextWriter to, ParsedLine.Invoke invoke, CancellationToken cancel)
    {
        var client = await Connected(cancel);
        var form = invoke.Client switch
        {
            { Json: true } => AnswerForm.Json,
            { Wide: true } => AnswerForm.Wide,
            _ => AnswerForm.Table,
        };
        var answer = new AnswerWriter(to, invoke.Definition.Answer, form, Width);
        await foreach (var row in client.InvokeAsync(invoke.Confirmed, cancel))
            answer.Row(row);
        answer.End();
    }

    // On a terminal each answer takes the place of the one before; elsewhere they follow each other. A node that does not answer is asked again.
    private async Task WatchAsync(ParsedLine.Invoke invoke, TimeSpan every, CancellationToken cancel)
    {
        while (true)
        {
            var text = new StringWriter();
            try
            {
                await AnswerAsync(text, invoke, cancel);
            }
            catch (CommandException e) when (e.Fault != CommandFault.Usage)
            {
                if (Console.IsOutputRedirected)
                    errors.WriteLine($"pbm: {e.Message}");
                else
                    text.Write($"pbm: {e.Message}\n");
            }

            output.Write(Console.IsOutputRedirected ? text.ToString() : InPlace(CommandText.Join(CommandText.Words(invoke.Definition, invoke.Invocation)), text.ToString()));
            output.Flush();
            await Task.Delay(every, cancel);
        }
    }

    // What the terminal has room for, each line in place of the one that stood there.
    private string InPlace(string command, string text)
    {
        string[] lines = [$"{address}: {command}", "", .. text.TrimEnd('\n').Split('\n')];
        int room = Math.Max(3, Console.WindowHeight - 1);
        if (lines.Length > room)
            lines = [.. lines[..(room - 1)], $"and {lines.Length - room + 1} lines more"];
        return $"\u001b[H{string.Concat(lines.Select(line => $"{line}\u001b[K\n"))}\u001b[J";
    }

    /// <summary>Asks the person at the terminal.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    private bool IsMeant(string question, CancellationTokenSource running)
    {
        if (Console.IsInputRedirected || Console.IsErrorRedirected)
            throw new CommandException(CommandFault.Usage, $"{question} Nobody is here to be asked: say -y if that is meant.");
        errors.Write($"{question} [y/N] ");
        // Ctrl-C ends pbm while it waits for a word.
        lock (_gate)
            _running = null;
        bool meant = Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
        lock (_gate)
            _running = running;
        if (!meant)
            errors.WriteLine("pbm: Nothing was changed.");
        return meant;
    }

    private static int Width => Console.IsOutputRedirected || Console.WindowWidth < LeastWidth ? AnswerWriter.UsualWidth : Console.WindowWidth;

    private async Task<CommandClient> Connected(CancellationToken cancel)
    {
        if (_client is { Open: true })
            return _client;
        var lost = _client;
        _client = await CommandClient.ConnectAsync(address, cancel: cancel, tls: tls);
        if (lost is not null)
            await lost.DisposeAsync();
        return _client;
    }
}
