
namespace FedKim.Configuration.Tests;

public sealed class DurationsTests
{
    [Theory]
    [InlineData(0.4, "0 s")]
    [InlineData(63, "63 s")]
    [InlineData(90, "2 min")]
    [InlineData(5399, "90 min")]
    [InlineData(11_100, "3 h 5 min")]
    [InlineData(180_000, "50 h 0 min")]
    public void A_time_is_said_as_people_say_it(double seconds, string text) => Assert.Equal(text, Durations.Text(TimeSpan.FromSeconds(seconds)));
}
