using FedKim.Configuration;
using FedKim.Launch.Reports;
using FedKim.Launch.Results;
using FedKim.Parameters;
using FedKim.Testing;

namespace FedKim.Launch.Tests;

public sealed class FinishedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunSetup _run;

    public FinishedModelTests() => _run = RunSetup.Prepare(
        new UpOptions { Federation = Path.Combine(Repository.Root, "cluster/federations/rehearsal.conf"), Work = Path.Combine(_folder.Path, "run"), CommandPort = 31_100, Servers = 2 },
        Repository.Root, _ => { });

    private string Run => _run.Folder.Path;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_last_committed_rounds_files_are_found_at_whichever_server_holds_them_whole()
    {
        string global = Weights("server", "global"), aggregate = Weights("server-2", "aggregate"), adapter = Weights("server", "adapter");
        // What the other server holds of it is damaged.
        Directory.CreateDirectory(Path.Combine(Run, "server", "weights"));
        File.WriteAllText(Path.Combine(Run, "server", "weights", Path.GetFileName(aggregate)), "half of it");
        Report(("committed", "old", "old", "old"), ("committed", Path.GetFileName(global), Path.GetFileName(aggregate), Path.GetFileName(adapter)), ("failed", "", "", ""));

        var model = FinishedModel.Of(Run, null);

        Assert.Equal((global, aggregate, adapter), (model.Global.Path, model.Aggregate.Path, model.Adapter.Path));
        Assert.Equal(Path.Combine(_run.Folder.Data, "server"), model.Data);
        Assert.True(_run.Plan.SaysTheSameAs(model.Plan));
    }

    [Theory]
    [InlineData("same-everywhere", "same-everywhere")]
    [InlineData("this-machine", "this-machine")]
    // Whoever reads a run may have it from anybody, or from a build that had no choice.
    [InlineData("anything", "this-machine")]
    public void A_model_is_measured_with_the_bits_that_it_was_computed_with(string written, string found)
    {
        string file = Path.GetFileName(Weights("server", "all"));
        Report(("committed", file, file, file));
        File.AppendAllText(_run.Folder.NodeFile("server"), $"\nfedkim.torch.bits = {written}\n");

        Assert.Equal(found, FinishedModel.Of(Run, null).Bits);
    }

    [Fact]
    public void Data_named_anew_are_read_in_place_of_the_runs()
    {
        string file = Path.GetFileName(Weights("server", "all"));
        Report(("committed", file, file, file));
        string elsewhere = Directory.CreateDirectory(Path.Combine(_folder.Path, "elsewhere", "server")).FullName;

        Assert.Equal(elsewhere, FinishedModel.Of(Run, Path.Combine(_folder.Path, "elsewhere")).Data);
    }

    [Fact]
    public void A_run_without_a_report_is_told_how_to_get_one() =>
        Assert.Equal($"--run {Run}: the run has no report yet. Take it to its end with: fedkim up --until-done --work {Run}", Problem());

    // Whoever reads a run may have it from anybody.
    [Fact]
    public void A_run_with_packages_loads_none_of_them()
    {
        string file = Path.GetFileName(Weights("server", "all"));
        Report(("committed", file, file, file));
        File.AppendAllText(_run.Folder.NodeFile("server"), "\nfedkim.extensions = [\"evil.dll\"]\n");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "FedKim.Testing.dll"), Path.Combine(Run, "evil.dll"));

        Assert.Contains($"this run was made with {Path.Combine(Run, "evil.dll")}. If you trust that code, name it with --extension.", Problem());
    }

    [Fact]
    public void A_run_without_a_committed_round_has_no_model()
    {
        Report(("failed", "", "", ""));
        Assert.Contains("no round of it was committed", Problem());
    }

    [Fact]
    public void A_model_whose_files_are_gone_is_told_by_its_digest()
    {
        string file = Path.GetFileName(Weights("server", "all"));
        Report(("committed", file, file, file));
        Directory.Delete(Path.Combine(Run, "server", "weights"), recursive: true);

        Assert.Contains($"no server of it holds {file[..12]}… whole any more", Problem());
    }

    [Fact]
    public void A_damaged_report_is_told_how_to_write_it_anew()
    {
        File.WriteAllText(_run.Folder.Report, "{ \"rounds\":");
        Assert.Contains("is damaged", Problem());
    }

    [Fact]
    public void A_folder_without_a_run_is_refused() =>
        Assert.Contains("there is no run of fedkim up in this folder", Assert.Single(Assert.Throws<InvalidConfigurationException>(() => FinishedModel.Of(_folder.Path, null)).Problems));

    private string Problem() => Assert.Single(Assert.Throws<InvalidConfigurationException>(() => FinishedModel.Of(Run, null)).Problems);

    private string Weights(string server, string content)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Run, server, "weights")).FullName, unnamed = Path.Combine(folder, "unnamed");
        File.WriteAllText(unnamed, content);
        string named = Path.Combine(folder, Digests.OfFile(unnamed).Hex);
        File.Move(unnamed, named);
        return named;
    }

    private void Report(params (string Outcome, string Global, string Aggregate, string Adapter)[] rounds)
    {
        var reported = rounds.Select((r, i) => new ReportedRound
        {
            Number = i + 1,
            Outcome = r.Outcome,
            GlobalSha256 = r.Global,
            AggregateSha256 = r.Aggregate,
            AdapterSha256 = r.Adapter,
        });
        File.WriteAllText(_run.Folder.Report, new Report { Phase = "Completed", Rounds = [.. reported], Evaluation = [] }.ToFile());
    }
}
