using FedKim.Commands.Host;
using FedKim.Launch.Answers;

namespace FedKim.Launch.Tests;

/// <summary>What names a machine's files and databases does not leave it in an error either.</summary>
public sealed class MachineWordTests
{
    private static readonly IOException Why = new("/var/lib/fedkim/journal.db is locked.");

    [Fact]
    public async Task Why_something_cannot_be_read_is_told_on_the_machine_alone()
    {
        Assert.Equal("The journal cannot be read: /var/lib/fedkim/journal.db is locked.", await Told(isHere: true));
        Assert.Equal("The journal cannot be read. Asked on server's machine, the same command says why.", await Told(isHere: false));
    }

    // Who asks is known in the flow of the question alone.
    private static Task<string> Told(bool isHere) => Task.Run(() =>
    {
        new Caller("somebody", IsObeyed: true) { IsHere = isHere }.Asks();
        return MachineWord.Unread("server", "The journal", Why).Message;
    });
}
