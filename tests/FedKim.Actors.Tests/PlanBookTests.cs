using FedKim.Actors.Hospital.Plans;

namespace FedKim.Actors.Tests;

/// <summary>What a site's people said of plans outlives every process, and a file that was changed is no word of theirs.</summary>
public sealed class PlanBookTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    private string Rounds => Path.Combine(_folder, "rounds");

    private string Words => $"{Rounds}.words";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_word_is_there_for_the_next_process_and_is_about_exactly_one_plan()
    {
        var book = new PlanBook(Rounds);
        var (seen, isNew) = book.See(Plan("demo"), "https://server:9101/", Now);
        book.Say(seen, PlanWord.Refused, "not without the committee", Now);
        book.See(Plan("demo") with { Strategy = "fedprox" }, "https://server:9101/", Now);

        var next = new PlanBook(Rounds);
        var (known, again) = next.See(Plan("demo"), "https://other:9101/", Now);

        Assert.Equal((true, false), (isNew, again));
        Assert.Equal((PlanWord.Refused, "not without the committee", "https://server:9101/"), (known.Word, known.Reason, known.AskedBy));
        Assert.Equal((PlanWord.None, "fedprox"), (next.Latest("demo")!.Word, next.Latest("demo")!.Plan.Strategy));
        Assert.Equal("fedavg", Assert.Single(next.Beginning(known.Digest[..12].ToUpperInvariant())).Plan.Strategy);
        Assert.Empty(next.Beginning(known.Digest[..11]));
        Assert.Null(next.Latest("other"));
    }

    [Fact]
    public void Whatever_of_a_plan_changes_makes_it_another_one()
    {
        SitePlan[] plans =
        [
            Plan("demo"), Plan("other"), Plan("demo") with { Seed = 2 }, Plan("demo") with { Strategy = "fedprox" }, Plan("demo") with { Learning = """{"epochs":2}""" },
            new("demo", 1, "fedav", """g{"epochs":1}"""),
        ];

        Assert.Equal(plans.Length, plans.Select(plan => plan.Digest()).Distinct().Count());
    }

    [Fact]
    public void A_file_that_was_changed_says_nothing_and_nothing_but_a_new_word_counts_until_it_is_taken_away()
    {
        var book = new PlanBook(Rounds);
        book.Say(book.See(Plan("demo"), "https://server:9101/", Now).Record, PlanWord.Refused, "", Now);
        File.WriteAllText(Words, File.ReadAllText(Words).Replace("\"word\": 2", "\"word\": 1"));

        var changed = new PlanBook(Rounds);

        Assert.Equal(PlanWord.None, Assert.Single(changed.All).Word);
        Assert.NotNull(changed.Damage);
        changed.Say(changed.See(Plan("demo"), "https://server:9101/", Now).Record, PlanWord.Approved, "", Now);
        var next = new PlanBook(Rounds);
        Assert.Equal(PlanWord.Approved, next.Latest("demo")!.Word);
        Assert.NotNull(next.Damage);
        File.Delete($"{Words}.damaged");
        Assert.Null(next.Damage);
    }

    [Fact]
    public void A_lost_list_of_plans_of_which_nobody_spoke_costs_nothing()
    {
        var book = new PlanBook(Rounds);
        book.Say(book.See(Plan("first"), "https://server:9101/", Now).Record, PlanWord.Refused, "", Now);
        book.See(Plan("second"), "https://server:9101/", Now.AddSeconds(1));
        File.WriteAllText($"{Rounds}.plans", "half");

        var next = new PlanBook(Rounds);

        Assert.Equal("first", Assert.Single(next.All).Plan.Federation);
        Assert.Null(next.Damage);
        Assert.True(next.See(Plan("second"), "https://server:9101/", Now).IsNew);
    }

    [Fact]
    public void Plans_that_nobody_spoke_of_are_forgotten_and_no_word_is()
    {
        var book = new PlanBook(Rounds);
        book.Say(book.See(Plan("first"), "https://server:9101/", Now).Record, PlanWord.Refused, "", Now);
        for (int i = 0; i < 120; i++)
            book.See(Plan($"plan-{i}"), "https://server:9101/", Now.AddSeconds(i));

        Assert.Equal(51, book.All.Count);
        Assert.Equal(PlanWord.Refused, book.Latest("first")!.Word);
        Assert.Null(book.Latest("plan-69"));
        Assert.NotNull(book.Latest("plan-70"));
    }

    private static SitePlan Plan(string federation) => new(federation, 1, "fedavg", """{"epochs":1}""");
}
