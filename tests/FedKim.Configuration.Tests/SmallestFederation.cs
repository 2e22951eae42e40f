namespace FedKim.Configuration.Tests;

/// <summary>A federation file that says what must be said and nothing else.</summary>
internal static class SmallestFederation
{
    internal const string Text = """
        federation {
          name = small
          seed = 1
          rounds = 2
          clients = [b, a]
          quorum = 2
          deadline = 30 s
          strategy = fedavg
          encoders.image.name = deit
          tasks.pneumonia {
            kind = training
            modalities = [image]
            source {
              reader = image-folder
              path = xray
            }
            prompt = "Is there pneumonia?"
            task-description = "Pneumonia detection."
            modality-description = "Image only."
          }
        }
        """;
}
