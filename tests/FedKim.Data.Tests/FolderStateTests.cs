using System.Collections.Immutable;
using FedKim.Data.Dealing;

namespace FedKim.Data.Tests;

public sealed class FolderStateTests : IDisposable
{
    private static readonly TaskSource Pictures = new() { Reader = "image-folder", Path = "set" };
    private static readonly TaskSource Questions = new() { Reader = "ecg-qa", Path = "set", Records = "ecg" };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_that_questions_ask_about_are_part_of_the_state_wherever_they_lie()
    {
        _folder.Text("whole/set/paraphrased_train.json", "[]");
        _folder.Text("whole/ecg/records100/1.dat", "one");
        string from = _folder.At("whole"), place = _folder.At("place");
        new DealtData { From = from, Sources = [new("set", Questions.Label, "", Here: true)], Patients = Patients("ecg") }.Write(place);
        foreach (string folder in (string[])[from, place])
        {
            var (questions, pictures) = (FolderState.Of(Questions, folder), FolderState.Of(Pictures with { Records = "ecg" }, folder));
            Assert.Equal(questions, FolderState.Of(Questions, folder));
            File.AppendAllText(Path.Combine(from, "ecg/records100/1.dat"), "more");
            Assert.NotEqual(questions, FolderState.Of(Questions, folder));
            Assert.Equal(pictures, FolderState.Of(Pictures with { Records = "ecg" }, folder));
        }
    }

    [Fact]
    public void A_file_that_links_lead_to_is_looked_at_itself()
    {
        string store = _folder.Text("store/1.png", "one");
        Directory.CreateDirectory(_folder.At("set"));
        File.CreateSymbolicLink(_folder.At("store/link"), store);
        File.CreateSymbolicLink(_folder.At("set/1.png"), "../store/link");
        string before = FolderState.Of(Pictures, _folder.Path);
        Assert.Equal(before, FolderState.Of(Pictures, _folder.Path));

        File.WriteAllText(store, "two of them");
        string longer = FolderState.Of(Pictures, _folder.Path);
        File.SetLastWriteTimeUtc(store, DateTime.UnixEpoch);
        string older = FolderState.Of(Pictures, _folder.Path);
        Assert.Equal(3, new[] { before, longer, older }.Distinct().Count());

        File.Delete(store);
        Assert.NotEqual(older, FolderState.Of(Pictures, _folder.Path));
    }

    [Fact]
    public void A_link_to_itself_and_one_to_nowhere_are_no_error_of_the_state_s()
    {
        Directory.CreateDirectory(_folder.At("set"));
        File.CreateSymbolicLink(_folder.At("set/round"), "round");
        File.CreateSymbolicLink(_folder.At("set/nowhere"), "gone");
        Directory.CreateSymbolicLink(_folder.At("set/folder"), ".");
        Assert.Equal(FolderState.Of(Pictures, _folder.Path), FolderState.Of(Pictures, _folder.Path));
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<string>> Patients(string pool) =>
        ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add(pool, ["1"]);

    [Theory]
    [InlineData("""{"from": "/", "sources": [null], "patients": {"set": ["a"]}}""")]
    [InlineData("""{"from": "/", "sources": null, "patients": {"set": ["a"]}}""")]
    [InlineData("""{"from": "/", "sources": [], "patients": {"set": null}}""")]
    [InlineData("""{"from": "/", "sources": [{"path": "set", "label": "label", "attribute": "", "here": true}], "patients": {"set": [null]}}""")]
    public void A_deal_with_holes_is_an_error_that_names_it(string deal)
    {
        string file = _folder.Text("dealt.json", deal);
        Assert.Equal(file, Assert.Throws<DataException>(() => FolderState.Of(Pictures, _folder.Path)).File);
    }
}
