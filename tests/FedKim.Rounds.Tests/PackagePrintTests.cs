namespace FedKim.Rounds.Tests;

public sealed class PackagePrintTests
{
    private static readonly Digest A = new(new string('a', 64)), B = new(new string('b', 64));

    [Fact]
    public void The_same_packages_have_the_same_print_in_whatever_order() => Assert.Equal(PackagePrint.Of([A, B]), PackagePrint.Of([B, A]));

    [Fact]
    public void Other_packages_have_another_print_and_none_has_none()
    {
        Assert.NotEqual(PackagePrint.Of([A]), PackagePrint.Of([A, B]));
        Assert.Equal("", PackagePrint.Of([]));
    }
}
