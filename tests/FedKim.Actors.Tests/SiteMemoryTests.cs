using FedKim.Actors.Hospital;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

public sealed class SiteMemoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Other_data_than_in_the_contribution_before_is_told_after_a_restart_too_and_within_one_federation_alone()
    {
        var memory = new SiteMemory(Path.Combine(_folder, "rounds"));
        Assert.Equal(new DataPrint("3f0a", ""), memory.Print(Round("demo", 1), "3f0a"));
        memory.Counted(Round("demo", 1), "3f0a");
        Assert.False(memory.Print(Round("demo", 2), "3f0a").Changed);

        var restarted = new SiteMemory(Path.Combine(_folder, "rounds"));
        Assert.Equal(new DataPrint("77ab", "3f0a"), restarted.Print(Round("demo", 2), "77ab"));
        restarted.Counted(Round("demo", 2), "77ab");

        Assert.Equal(("demo/2", memory.Machine), (restarted.ChangedIn, restarted.Machine));
        Assert.False(restarted.Print(Round("demo", 3), "77ab").Changed);
        Assert.False(restarted.Print(Round("next", 1), "1111").Changed);
        Assert.Equal(new DataPrint("77ab", "3f0a"), DataPrint.Parse(new DataPrint("77ab", "3f0a").ToString()));
    }

    private static RoundId Round(string federation, int number) => new(new FederationId(federation), number);
}
