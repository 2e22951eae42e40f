using System.Net.Security;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Commands.Parsing;

namespace FedKim.Pbm;

/// <summary>Runs lines at one node, connecting when first needed and again after the connection was lost.</summary>
internal sealed class Session(NodeAddress address, SslClientAuthenticationOptions? tls, TextWriter output, TextWriter errors) : IAsyncDisposable
{
    private const int Interrupted = 130;

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
        var shape = AnswerShape.Message;
        try
        {
            var client = await Connected(running.Token);
            switch (CommandParser.Parse(client.Palettes, words))
            {
                case ParsedLine.Help help:
                    output.Write(HelpText.For(client.Palettes, help.Palette, help.Command));
                    break;
                case ParsedLine.Invoke invoke:
                    shape = invoke.Definition.Answer;
                    var answer = new AnswerWriter(output, shape, invoke.Json, header: !Console.IsOutputRedirected);
                    await foreach (var row in client.InvokeAsync(invoke.Invocation, running.Token))
                        answer.Row(row);
                    answer.End();
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
            return shape == AnswerShape.Stream ? 0 : Interrupted;
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
