using CsCheck;

namespace FedKim.Data.Tests;

public sealed class SplitsTests
{
    [Fact]
    public void Patients_divide_as_7_1_1_1()
    {
        var counts = Enumerable.Range(0, 20_000).GroupBy(i => Splits.Of(5, $"p{i}")).ToDictionary(g => g.Key, g => g.Count());
        Assert.InRange(counts[Split.Private], 13_700, 14_300);
        foreach (var split in new[] { Split.Public, Split.Development, Split.Test })
            Assert.InRange(counts[split], 1_830, 2_170);
    }

    [Fact]
    public void A_patient_s_place_depends_on_the_seed_and_the_patient_alone() =>
        Gen.Select(Gen.Long, Gen.String).Sample((seed, patient) =>
        {
            Assert.Equal(Splits.Of(seed, patient), Splits.Of(seed, patient));
            Assert.Equal(Splits.Deal(seed, patient, 1, 2, 3), Splits.Deal(seed, patient, 1, 2, 3));
        });

    [Fact]
    public void Sites_get_patients_by_their_weights_and_none_without_one()
    {
        int[] counts = new int[4];
        for (int i = 0; i < 6_000; i++)
            counts[Splits.Deal(9, $"p{i}", 1, 2, 3, 0)]++;
        Assert.InRange(counts[0], 880, 1_120);
        Assert.InRange(counts[1], 1_850, 2_150);
        Assert.Equal(0, counts[3]);
    }

    [Fact]
    public void A_patient_in_two_places_is_told_with_patient_and_places()
    {
        Assert.StartsWith(
            "hospital-b: patient 2 is also in hospital-a", Splits.Crossing([Place("hospital-a", "1", "2"), Place("hospital-b", "3", "2"), Place("hospital-c")]), StringComparison.Ordinal);
        Assert.Null(Splits.Crossing([Place("hospital-a", "1", "1"), Place("hospital-b", "3"), Place("hospital-a", "2")]));
    }

    private static KeyValuePair<string, IEnumerable<string>> Place(string name, params string[] patients) => new(name, patients);
}
