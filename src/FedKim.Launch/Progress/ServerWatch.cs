using System.Collections.Immutable;
using System.Globalization;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Launch.Answers;

namespace FedKim.Launch.Progress;

/// <summary>Asks a server's command host over one connection. When that server is gone or does not answer it turns to the next one.</summary>
/// <param name="servers">The servers.</param>
/// <param name="federation">Whose report is wanted; what runs after it is shown, too.</param>
internal sealed class ServerWatch(ImmutableArray<NodeAddress> servers, string federation) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Of more than can be shown none is asked for: twice a second that would cost the server more than the round.
    private const int MostShown = 100;

    private readonly SeenRounds _rounds = new();
    private CommandClient? _client;
    private int _turn;

    /// <summary>What the server knows; null when it does not answer now.</summary>
    public Task<Snapshot?> LookAsync(CancellationToken cancel) => TryAsync(async client =>
    {
        var federation = (await client.AskAsync<FederationStatus>(FederationPalette.Show.Asked, cancel)).Single();
        return new Snapshot(
            federation,
            _rounds.Look(federation, await client.AskAsync<RoundStatus>(RoundPalette.List.Asked.With(RoundPalette.Last, Text(_rounds.Wanted(federation))), cancel)),
            federation.Invited?.Length > MostShown ? [] : [.. await client.AskAsync<ClientStatus>(ClientPalette.List.Asked, cancel)],
            (await client.AskAsync<InjectorReply>(InjectorPalette.Show.Asked, cancel)).Single());
    }, cancel);

    /// <summary>The report of the federation, as JSON; null when the server does not answer now.</summary>
    public Task<string?> ReportAsync(CancellationToken cancel) => TryAsync(async client =>
        (await client.AskAsync<MessageAnswer>(FederationPalette.Report.Asked.With(FederationPalette.Named, federation), cancel)).Single().Message, cancel);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        _client = null;
    }

    private async Task<T?> TryAsync<T>(Func<CommandClient, Task<T>> ask, CancellationToken cancel) where T : class
    {
        try
        {
            _client ??= await CommandClient.ConnectAsync(servers[_turn % servers.Length], Patience, cancel);
            return await ask(_client);
        }
        catch (CommandException)
        {
            await DisposeAsync();
            _turn++;
            return null;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record MessageAnswer(string Message);
}
