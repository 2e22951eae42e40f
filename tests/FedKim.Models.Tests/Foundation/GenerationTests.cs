using FedKim.Models.Foundation;
using FedKim.Rounds;

namespace FedKim.Models.Tests.Foundation;

public sealed class GenerationTests
{
    private static readonly Sampling Warm = new(Temperature: 1.5, TopK: 40, TopP: 0.95, Seed: 7);

    private static readonly int[][] Prompts = [.. Enumerable.Range(0, 8).Select(row =>
    {
        var random = SeededGenerator.Derive(5, row);
        return (int[])[1, .. Enumerable.Range(0, random.NextInt(12)).Select(_ => 3 + random.NextInt(300))];
    })];

    // Several tokens end a text, so that rows of a batch end at different times.
    private static FoundationConfig Ending(FoundationConfig config) => config with { EosTokenIds = [2, .. Enumerable.Range(310, 6)] };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_gives_token_for_token_what_its_prompts_give_one_by_one(bool sampled)
    {
        foreach (var config in TinyModel.Both.Select(Ending))
        {
            using var model = TinyModel.Load(config);
            int[][] together = model.Continue(Prompts, 30, sampled ? Warm : null);

            // A draw depends on the prompt's place, so a prompt is kept at its place, with none but itself before it.
            Assert.Equal(Prompts.Select((prompt, row) => model.Continue([.. Enumerable.Repeat(prompt, row + 1)], 30, sampled ? Warm : null)[row]), together);
            if (!sampled)
                Assert.Equal(Prompts.Select(prompt => model.Continue([prompt], 30)[0]), together);
            Assert.Contains(together, row => row.Length is > 0 and < 30);
            Assert.Contains(together, row => row.Length == 30);
        }
    }

    [Fact]
    public void The_same_seed_draws_the_same_tokens_and_another_one_others()
    {
        using var model = TinyModel.Load(TinyModel.Llama);

        Assert.Equal(model.Continue(Prompts, 10, Warm), model.Continue(Prompts, 10, Warm));
        Assert.NotEqual(model.Continue(Prompts, 10, Warm), model.Continue(Prompts, 10, Warm with { Seed = 8 }));
        int[][] twice = model.Continue([Prompts[0], Prompts[0]], 10, Warm);
        Assert.NotEqual(twice[0], twice[1]);
    }

    [Fact]
    public void A_row_ends_before_a_token_that_ends_a_text()
    {
        using var model = TinyModel.Load(TinyModel.Llama with { EosTokenIds = [2] });
        int[] whole = model.Continue([Prompts[0]], 12)[0];
        using var ending = TinyModel.Load(TinyModel.Llama with { EosTokenIds = [2, whole[5]] });

        Assert.Equal(whole.TakeWhile(id => id != whole[5]), ending.Continue([Prompts[0]], 12)[0]);
    }

    [Fact]
    public void A_row_ends_where_the_context_is_full_whatever_its_batch()
    {
        using var model = TinyModel.Load(TinyModel.Llama with { EosTokenIds = [2] });
        int[] lengthy = [.. Enumerable.Range(3, 60)], shorty = [1, 40];
        int[][] together = model.Continue([lengthy, shorty], 100);

        // The last token is never read, and so needs no room.
        Assert.Equal(5, together[0].Length);
        Assert.Equal(63, together[1].Length);
        Assert.Equal(model.Continue([lengthy], 100)[0], together[0]);
        Assert.Equal(model.Continue([shorty], 100)[0], together[1]);
    }

    [Fact]
    public void A_prompt_longer_than_the_context_is_refused()
    {
        using var model = TinyModel.Load(TinyModel.Llama);
        var error = Assert.Throws<FoundationException>(() => model.Continue([[.. Enumerable.Range(3, 65)]], 1));
        Assert.Contains("65 tokens; the model reads at most 64", error.Message);
    }
}
