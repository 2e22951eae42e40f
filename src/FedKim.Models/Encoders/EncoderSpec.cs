namespace FedKim.Models.Encoders;

/// <summary>What an encoder is built from; the same spec gives the same tensors by name and shape at every site.</summary>
/// <param name="Name">Its name in the <see cref="EncoderRegistry"/>.</param>
/// <param name="Channels">Image channels, signal leads or clinical variables.</param>
/// <param name="Size">Image edge in pixels; 0 where there is none.</param>
/// <param name="Width">Width of the feature tokens.</param>
/// <param name="Depth">Blocks or layers.</param>
/// <param name="Heads">Attention heads; divides the width.</param>
/// <param name="Patch">Patch edge in pixels; divides the image's edge.</param>
/// <param name="Tokens">Feature tokens of a signal or a clinical table; an image has one a patch and the class token.</param>
public sealed record EncoderSpec(string Name, int Channels, int Size, int Width, int Depth, int Heads, int Patch, int Tokens);
