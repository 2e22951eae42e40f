using FedKim.Testing;


namespace FedKim.Configuration.Tests;

/// <summary>Federation files whose parts are right and go with no others: refused when they are read, by key and line.</summary>
public sealed class PlanContradictionsTests : IDisposable
{
    // Line 1 is the opening brace's; the tests name lines.
    private const string Plan = """
        federation {
          name = small, seed = 1, rounds = 1, clients = [a], quorum = 1, deadline = 30 s, strategy = fedavg
          encoders {
            image { name = deit, patch = 8 }
            signal { name = signal-cnn }
            lab { name = clinical-transformer }
          }
          tasks {
            first { kind = training, modalities = [image], prompt = p, task-description = t, modality-description = m
              source { reader = image-folder, path = xray, image-size = 32 }
            }
            second { kind = zero-shot, modalities = [image], prompt = p, task-description = t, modality-description = m
              source { reader = image-folder, path = ct, image-size = 32 }
            }
            third { kind = training, modalities = [signal], prompt = p, task-description = t, modality-description = m
              source { reader = ptbxl, path = ecg, label = abnormal }
            }
            fourth { kind = training, modalities = [lab], prompt = p, task-description = t, modality-description = m
              source { reader = yaib, path = icu, variables.lab { na { mean = 138, deviation = 5 } } }
            }
            fifth { kind = training, modalities = [lab], prompt = p, task-description = t, modality-description = m
              source { reader = yaib, path = icu2, variables.lab { na { mean = 138, deviation = 5 } } }
            }
          }
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plan_without_a_contradiction_is_read() => Assert.NotNull(FederationFile.ParseText(Plan));

    [Theory]
    [InlineData("patch = 8", "patch = 7", ":4: federation.encoders.image.patch is 7, which does not divide the images' edge of 32 pixels (tasks.first.source.image-size). Choose a divisor of it.")]
    [InlineData("path = ct, image-size = 32", "path = ct, image-size = 64", ":13: federation.tasks.second.source.image-size is 64, but that of first is 32, and one encoder, image, reads both. Give both the same.")]
    [InlineData("image { name = deit, patch = 8 }", "image { name = signal-cnn }", ":4: federation.encoders.image.name is signal-cnn, but first reads images there. Choose deit or deit-distilled.")]
    [InlineData("signal { name = signal-cnn }", "signal { name = deit }", ":5: federation.encoders.signal.name is deit, but third reads signals there. Choose signal-cnn.")]
    [InlineData("lab { name = clinical-transformer }", "lab { name = signal-cnn }", ":6: federation.encoders.lab.name is signal-cnn, but fifth reads a table over time there. Choose clinical-transformer.")]
    [InlineData("lab { name = clinical-transformer }", "lab { name = clinical-transformer, width = 33, heads = 3 }", ":6: federation.encoders.lab.width is 33; that of a clinical-transformer must be even.")]
    [InlineData("third { kind = training, modalities = [signal]", "third { kind = training, modalities = [image]", ":15: federation.tasks.third.modalities contains image, but ptbxl reads signal alone. Take image out, or choose a reader that has it.")]
    [InlineData("first { kind = training, modalities = [image]", "first { kind = training, modalities = [image, lab]", ":9: federation.tasks.first.modalities contains lab, but image-folder reads image alone.")]
    [InlineData("fourth { kind = training, modalities = [lab]", "fourth { kind = training, modalities = [image]", ":19: federation.tasks.fourth.source.variables says nothing for image, which the task reads. Name its variables.")]
    [InlineData("path = icu2, variables.lab { na", "path = icu2, variables.lab { k", ":19: federation.tasks.fourth.source.variables.lab are na, but those of fifth are k, and one encoder reads both. Name the same in both, and give each its column.")]
    [InlineData("first { kind = training", "first { kind = zero-shot", ":9: federation.tasks.first.modalities contains image, whose encoder no task of kind training trains. Add one that reads it, or take the modality out.")]
    [InlineData("first { kind = training, modalities = [image]", "first { kind = training, modalities = []", ":9: federation.tasks.first.modalities is empty; name at least one of the encoders.")]
    [InlineData("first { kind = training, modalities = [image]", "first { kind = training, modalities = [image, image]", ":9: federation.tasks.first.modalities names image 2 times; name each once.")]
    [InlineData("second { kind = zero-shot, modalities = [image], prompt = p", "second { kind = zero-shot, modalities = [image], prompt = \"Well: {question}\"", ":12: federation.tasks.second.prompt contains {question}, but the samples of image-folder bring no questions of their own. Write out what is asked about all.")]
    [InlineData("second { kind = zero-shot", "second { kind = zero-shot, answering = generated", ":12: federation.tasks.second.answering is generated, but the samples of image-folder bring no answers in words to compare with. Set it to yes-no.")]
    [InlineData("reader = image-folder, path = ct", "reader = slake, questions = yes-no, path = ct", ":12: federation.tasks.second.prompt does not say where the question goes, and slake asks about each sample on its own. Write {question} there.")]
    [InlineData("reader = image-folder, path = ct", "reader = vqa-rad, path = ct", ":13: federation.tasks.second.source.questions lets questions in that are answered by other words than yes and no, but the task is answered yes-no. Set it to yes-no.")]
    [InlineData("reader = image-folder, path = ct", "reader = medmnist, path = ct", ":13: federation.tasks.second.source.file is missing; set it to the archive's name such as pneumoniamnist.npz.")]
    [InlineData("reader = image-folder, path = ct", "reader = chexpert, parts = [train, test], path = ct", ":13: federation.tasks.second.source.parts contains \"test\"; allowed are train, valid.")]
    [InlineData("reader = image-folder, path = ct", "reader = image-folder, parts = [train], path = ct", ":13: federation.tasks.second.source.parts is of no use to image-folder, which has no parts. Take it out.")]
    [InlineData("second { kind", "\"second one\" { kind", ":12: federation.tasks.second one is named \"second one\"; a name has 1 to 63 letters, digits, hyphens and underscores.")]
    public void What_contradicts_itself_is_told_by_key_line_and_remedy(string right, string wrong, string message)
    {
        Assert.Contains(right, Plan);
        string file = _folder.Write("f.conf", Plan.Replace(right, wrong, StringComparison.Ordinal));

        var problems = Assert.Throws<InvalidConfigurationException>(() => FederationFile.Parse(file)).Problems;

        Assert.Contains(file + message, problems.Select(problem => problem[..Math.Min(problem.Length, file.Length + message.Length)]));
    }
}
