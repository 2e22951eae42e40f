using FedKim.Protocol.Messages;

namespace FedKim.Actors.Tests;

/// <summary>Models that a disk changes, at whichever node, change no result and cost no site its place.</summary>
public sealed class DamagedModelTests
{
    [Fact]
    public async Task A_start_model_that_the_servers_disk_damaged_is_fetched_from_a_site_and_no_update_is_refused_for_it()
    {
        await using var held = await TwoOfThree.Begin();

        string model = (await held.Federation.Ask<FederationView>(new FederationQueries.GetFederation())).GlobalModel;
        Damage.Flip(Path.Combine(held.Federation.ServerFolder, "weights", model));

        await held.EndsAsUndisturbed(calls: 2);
    }

    [Theory]
    [InlineData("server")]
    [InlineData("injector")]
    [InlineData("hospital-a")]
    public async Task Every_weight_file_of_a_node_damaged_while_it_is_up_changes_nothing(string node)
    {
        await using var held = await TwoOfThree.Begin();

        foreach (string file in Directory.EnumerateFiles(Path.Combine(held.Federation.FolderOf(node), "weights")))
            Damage.Flip(file);

        await held.EndsAsUndisturbed(calls: null);
    }
}
