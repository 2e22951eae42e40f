namespace FedKim.Launch.Tests;

public sealed class RunJournalTests
{
    [Theory]
    [InlineData("postgres://fedkim@db/journal", "Host=db;Database=journal;Username=fedkim")]
    [InlineData("postgresql://fedkim:a%3Bb@db.example:5433/journal", "Host=db.example;Port=5433;Database=journal;Username=fedkim;Password=\"a;b\"")]
    [InlineData("postgres://db/journal", "Host=db;Database=journal")]
    public void A_database_is_named_by_its_address(string text, string connection) =>
        Assert.Equal(new RunJournal("postgres", connection), RunJournal.Parse(text));

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory")]
    public void What_needs_no_address_has_none(string text) => Assert.Equal(new RunJournal(text), RunJournal.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("postgres")]
    [InlineData("postgres://db")]
    [InlineData("postgres://db/")]
    [InlineData("postgres:///journal")]
    [InlineData("postgres://db/journal?sslmode=require")]
    [InlineData("mysql://db/journal")]
    [InlineData("Host=db;Database=journal")]
    public void Nothing_else_is_a_journal(string text) => Assert.Null(RunJournal.Parse(text));
}
