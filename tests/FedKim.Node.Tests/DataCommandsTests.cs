using System.Collections.Immutable;
using FedKim.Configuration;
using FedKim.Data;
using FedKim.Data.Dealing;
using FedKim.Launch;
using FedKim.Learning;
using FedKim.Node.Cli;
using FedKim.Testing;

namespace FedKim.Node.Tests;

public sealed class DataCommandsTests : IDisposable
{
    private const int Stays = 80;

    private const string Federation = """
        federation {
          name = ward
          seed = 3
          rounds = 1
          clients = [hospital-a, hospital-b]
          quorum = 1
          deadline = 1 minute
          strategy = fedavg
          encoders.vital { name = clinical-transformer }
          tasks.mortality {
            kind = training
            modalities = [vital]
            source {
              reader = physionet2012
              path = icu
              label = In-hospital_death
              variables.vital.HR { mean = 80, deviation = 20 }
            }
            prompt = "Will the patient die?"
            task-description = "Mortality."
            modality-description = "Vital signs."
          }
        }
        """;

    private static readonly string[] Places = ["hospital-a", "hospital-b", "server/development", "server/public", "server/test"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _federation, _raw, _out;

    public DataCommandsTests()
    {
        (_federation, _raw, _out) = (_folder.Write("ward.conf", Federation), Path.Combine(_folder.Path, "raw"), Path.Combine(_folder.Path, "dealt"));
        _folder.Write("raw/icu/Outcomes-a.txt", "RecordID,In-hospital_death\n" + string.Concat(Enumerable.Range(1, Stays).Select(i => $"{i},{i % 2}\n")));
        for (int i = 1; i <= Stays; i++)
            _folder.Write($"raw/icu/set-a/{i}.txt", $"Time,Parameter,Value\n00:00,RecordID,{i}\n00:30,HR,{60 + i}\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_method_without_hospitals_changes_nothing_of_what_they_are_dealt()
    {
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", _federation, "--from", _raw, "--out", _out));
        string alone = _folder.Write("public.conf", $"{Federation}\nfederation.method = fedkim-pub");
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", alone, "--from", _raw, "--out", _out + "2"));
        Assert.All(Places, place => Assert.Equal(File.ReadAllText(Path.Combine(_out, place, DealtData.FileName)),
            File.ReadAllText(Path.Combine(_out + "2", place, DealtData.FileName))));
    }

    [Fact]
    public async Task What_is_dealt_lies_where_a_federation_on_this_machine_looks_for_it()
    {
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", _federation, "--from", _raw, "--out", _out));
        Assert.All(Places, place => Assert.True(File.Exists(Path.Combine(_out, place, DealtData.FileName))));
        Assert.Equal(Stays, Read(_federation).Sum(place => place.Value.Length));
        Assert.Equal(ExitCodes.Ok, await Run("inspect", _out, "--federation", _federation));
        Assert.Equal(ExitCodes.Ok, await Run("inspect", _raw, "--federation", _federation, "--json"));
    }

    [Fact]
    public async Task The_seed_decides_who_goes_where_and_is_the_federations_without_one()
    {
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", _federation, "--from", _raw, "--out", _out));
        string first = Patients(_out);
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", _federation, "--from", _raw, "--out", _out + "3", "--seed", "3"));
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", _federation, "--from", _raw, "--out", _out + "4", "--seed", "4"));
        Assert.Equal(first, Patients(_out + "3"));
        Assert.NotEqual(first, Patients(_out + "4"));
    }

    [Fact]
    public async Task A_hospital_of_no_weight_gets_nobody()
    {
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", _federation, "--from", _raw, "--out", _out, "--weight", "hospital-b=0"));
        Assert.DoesNotContain("hospital-b", Read(_federation).Keys);
    }

    [Theory]
    [InlineData("hospital-z=1", ExitCodes.Configuration)]
    [InlineData("hospital-a=much", ExitCodes.Usage)]
    [InlineData("hospital-a", ExitCodes.Usage)]
    public async Task A_weight_that_cannot_be_is_refused(string weight, int code)
    {
        Assert.Equal(code, await Run("deal", "--federation", _federation, "--from", _raw, "--out", _out, "--weight", weight));
        Assert.False(Directory.Exists(_out));
    }

    [Fact]
    public async Task Somebody_in_two_places_and_data_that_are_missing_end_with_the_code_for_data()
    {
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", _federation, "--from", _raw, "--out", _out));
        File.Copy(Path.Combine(_out, "hospital-a", DealtData.FileName), Path.Combine(_out, "hospital-b", DealtData.FileName), overwrite: true);
        Assert.Equal(ExitCodes.Data, await Run("inspect", _out, "--federation", _federation));
        Assert.Equal(ExitCodes.Data, await Run("inspect", _out + "-typo", "--federation", _federation));
        Assert.Equal(ExitCodes.Data, await Run("deal", "--federation", _federation, "--from", _raw + "-typo", "--out", _out + "2"));
    }

    [Fact]
    public async Task A_federation_that_learns_nothing_has_no_data_to_deal() => Assert.Equal(
        ExitCodes.Configuration,
        await Run("deal", "--federation", Path.Combine(Repository.Root, "cluster/federations/rehearsal.conf"), "--from", _raw, "--out", _out));

    [Fact]
    public async Task The_federation_over_real_data_is_dealt_so_that_nobody_is_measured_who_was_trained_on()
    {
        string raw = Path.Combine(Repository.Root, "..", "shared", "data"), federation = Path.Combine(Repository.Root, "cluster/federations/real-data.conf");
        if (!Directory.Exists(raw))
            Assert.Skip("The excerpts of real data are not there: expected them at ../shared/data.");
        Assert.Equal(ExitCodes.Ok, await Run("deal", "--federation", federation, "--from", raw, "--out", _out));

        var tasks = LearningPlan.Parse(FederationFile.Parse(federation).Plan.Learning).Tasks;
        var places = tasks.ToDictionary(task => task.Name, task => Directory.EnumerateFiles(_out, DealtData.FileName, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(_out, Path.GetDirectoryName(file)!))
            .Select(place => (Place: place, Data: DataSet.Read(task.Source, Path.Combine(_out, place))))
            .Where(found => found.Data is not null).ToDictionary(found => found.Place, found => found.Data!.Samples));

        // What is only measured is read where models are measured, and where a rival is chosen among the small models.
        Assert.All(tasks.Where(t => t.Kind == TaskPlan.ZeroShotKind), t => Assert.Empty(places[t.Name].Keys.Except(["server/development", "server/test"])));
        Assert.All(tasks.Where(t => t.Kind == TaskPlan.ZeroShotKind), t => Assert.NotEmpty(places[t.Name]["server/test"]));
        Assert.All(["atelectasis", "cardiomegaly", "effusion"], finding => Assert.NotEmpty(places[finding]["server/development"]));
        Assert.All(tasks.Where(t => t.Kind == TaskPlan.TrainingKind), t => Assert.Equal(8, places[t.Name].Count));
        Assert.Equal(4000, places["mortality"].Values.Sum(samples => samples.Length));
        Assert.InRange(places["mortality"]["server/test"].Length, 340, 460);
        // Of 896 stays, those that are there after six hours without sepsis.
        Assert.Equal((872, 343), (places["sepsis"]["server/test"].Length, places["ecg-noise"]["server/test"].Length));
        Assert.Equal(29, places["sepsis"]["server/test"].Count(s => s.Label == 1));
        // The publishers' own parts: MedMNIST's 624 test and 524 validation pictures, less those that it has twice, and VQA-RAD's test questions.
        Assert.InRange(places["pneumonia"]["server/test"].Length, 600, 624);
        Assert.InRange(places["pneumonia"]["server/development"].Length, 500, 524);
        Assert.All(places["pneumonia"], place => Assert.All(place.Value, s => Assert.Equal(
            place.Key switch { "server/test" => PublishedPart.Test, "server/development" => PublishedPart.Development, _ => PublishedPart.Train }, s.Part)));
        Assert.Equal(451, places["vqa-rad"]["server/test"].Length);
        Assert.All(places["vqa-rad"]["server/test"], s => Assert.Equal(PublishedPart.Test, s.Part));
        var asked = places["ecg-noise"]["server/test"].Select(s => s.Patient).ToHashSet();
        Assert.All(places["ecg-abnormal"].Where(place => place.Key != "server/test"), place => Assert.DoesNotContain(place.Value, s => asked.Contains(s.Patient)));
    }

    private static Task<int> Run(params string[] words) => CommandLine.RunAsync(["data", .. words]);

    private Dictionary<string, ImmutableArray<Sample>> Read(string federation)
    {
        var source = LearningPlan.Parse(FederationFile.Parse(federation).Plan.Learning).Tasks.Single().Source;
        return Places.Select(place => (Place: place, Data: DataSet.Read(source, Path.Combine(_out, place)))).Where(found => found.Data is not null)
            .ToDictionary(found => found.Place, found => found.Data!.Samples);
    }

    private static string Patients(string folder) =>
        string.Concat(Places.Select(place => File.ReadAllText(Path.Combine(folder, place, DealtData.FileName))));
}
