namespace FedKim.Data.Tests;

public sealed class CovidRadiographyTests : IDisposable
{
    private static readonly TaskSource Source = new() { Reader = "covid-radiography", Path = ".", ImageSize = 8 };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pictures_are_positive_by_their_folder_and_masks_and_spreadsheets_are_left_alone()
    {
        Write();
        var samples = _folder.Read(Source).Samples;
        Assert.Equal(
            [("COVID/COVID-1.png", 1), ("COVID/COVID-2.png", 1), ("Lung_Opacity/Lung_Opacity-1.png", 0), ("Normal/Normal-1.png", 0), ("Viral Pneumonia/Viral Pneumonia-1.png", 0)],
            samples.Select(s => (s.Id, s.Label)));
        Assert.Equal(samples.Select(s => s.Id), samples.Select(s => s.Patient));
        Assert.All(samples, s => Assert.Equal([1, 8, 8], s.Inputs["image"].Shape));
    }

    [Fact]
    public void Parts_choose_the_folders_and_a_label_another_positive_one()
    {
        Write();
        // The paper's 13,808 pictures are those of COVID and Normal.
        Assert.Equal(["COVID/COVID-1.png", "COVID/COVID-2.png", "Normal/Normal-1.png"], _folder.Read(Source with { Parts = ["COVID", "Normal"] }).Samples.Select(s => s.Id));
        Assert.Equal("Viral Pneumonia/Viral Pneumonia-1.png", _folder.Read(Source with { Label = "Viral Pneumonia" }).Samples.Single(s => s.Label == 1).Id);
    }

    [Fact]
    public void The_first_releases_have_the_pictures_in_the_class_folders_themselves()
    {
        _folder.Picture("COVID-19/COVID-19 (1).png", 1);
        _folder.Picture("NORMAL/NORMAL (1).png", 2);
        _folder.Picture("Viral Pneumonia/Viral Pneumonia (1).png", 3);
        var samples = _folder.Read(Source with { Label = "COVID-19" }).Samples;
        Assert.Equal(["COVID-19/COVID-19 (1).png", "NORMAL/NORMAL (1).png", "Viral Pneumonia/Viral Pneumonia (1).png"], samples.Select(s => s.Id));
        Assert.Contains("has no folder 'COVID' for the label", _folder.Problem(Source, "."), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_class_is_an_error_and_one_without_pictures_too()
    {
        Write();
        Directory.CreateDirectory(_folder.At("Tuberculosis"));
        Assert.Contains("is no class of this set", _folder.Problem(Source, "Tuberculosis"), StringComparison.Ordinal);
        Directory.Move(_folder.At("Tuberculosis"), _folder.At("NORMAL"));
        Assert.Contains("has no PNG pictures", _folder.Problem(Source, "NORMAL"), StringComparison.Ordinal);
    }

    private void Write()
    {
        int number = 0;
        foreach (string name in (string[])["COVID", "COVID", "Lung_Opacity", "Normal", "Viral Pneumonia"])
        {
            string file = $"{name}-{(number == 1 ? 2 : 1)}.png";
            _folder.Picture($"{name}/images/{file}", number++);
            _folder.Picture($"{name}/masks/{file}", number + 100);
            _folder.Text($"{name}.metadata.xlsx", "no pictures");
        }
    }
}
