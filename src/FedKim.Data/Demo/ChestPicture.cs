using FedKim.Rounds;
using SkiaSharp;

namespace FedKim.Data.Demo;

/// <summary>Draws a chest-like picture of 32 x 32 grey pixels: body, lungs, heart, spine, ribs, and what the patient has.</summary>
/// <param name="patient">Draws the anatomy.</param>
internal sealed class ChestPicture(SeededGenerator patient)
{
    public const int Size = 32;

    private readonly double _lungX = patient.Uniform(0.38, 0.46), _lungY = patient.Uniform(-0.12, 0.05);
    private readonly double _lungWidth = patient.Uniform(0.26, 0.34), _lungHeight = patient.Uniform(0.58, 0.74);
    private readonly double _heart = patient.Uniform(0.24, 0.34), _ribs = patient.Uniform(2.6, 3.6), _phase = patient.NextDouble();
    private readonly double _tissue = patient.Uniform(0.56, 0.68), _air = patient.Uniform(0.38, 0.44);

    /// <summary>One picture; severities lie in 0 to 1.</summary>
    /// <param name="visit">Draws exposure, noise, and the place of findings.</param>
    /// <param name="pneumonia">A dense patch in one lung.</param>
    /// <param name="opacity">A diffuse, mottled haze over both lungs.</param>
    /// <param name="effusion">Fluid at the foot of one lung.</param>
    /// <returns>A PNG file.</returns>
    public byte[] Draw(SeededGenerator visit, double pneumonia, double opacity, double effusion)
    {
        double patchSide = visit.Chance(0.5) ? 1 : -1, fluidSide = visit.Chance(0.5) ? 1 : -1;
        double patchX = (patchSide * _lungX) + visit.Uniform(-0.08, 0.08), patchY = _lungY + visit.Uniform(-0.4, 0.1);
        double patchRadius = visit.Uniform(0.2, 0.3);
        double level = _lungY + _lungHeight - visit.Uniform(0.3, 0.42);
        double gain = visit.Uniform(0.85, 1.15), offset = visit.Uniform(-0.06, 0.06);
        double wire = visit.Chance(0.15) ? visit.Uniform(-0.6, 0.6) : double.NaN;
        double[] mottle = [.. Enumerable.Range(0, Size * Size / 4).Select(_ => visit.NextGaussian())];

        byte[] pixels = new byte[Size * Size];
        for (int row = 0; row < Size; row++)
        {
            for (int column = 0; column < Size; column++)
            {
                double x = ((2.0 * column) + 1 - Size) / Size, y = ((2.0 * row) + 1 - Size) / Size;
                double left = Inside(x + _lungX, y - _lungY, _lungWidth, _lungHeight);
                double right = Inside(x - _lungX, y - _lungY, _lungWidth, _lungHeight);
                double lung = Math.Max(left, right);
                double value = (_tissue * Inside(x, y * 0.4, 0.96, 1)) - (_air * lung)
                    + (0.05 * lung * Math.Sin(2 * Math.PI * ((y * _ribs) + (0.9 * x * x) + _phase)))
                    + (0.22 * Inside(x - 0.1, y - 0.35, _heart, 0.36)) + (0.12 * Math.Exp(-(x * x) / 0.012));
                double patch = Math.Exp(-(((x - patchX) * (x - patchX)) + ((y - patchY) * (y - patchY))) / (2 * patchRadius * patchRadius));
                value += 0.75 * pneumonia * patch * lung;
                value += lung * opacity * (0.26 + (0.1 * mottle[((row / 2) * Size / 2) + (column / 2)]));
                value += 0.4 * effusion * (fluidSide > 0 ? right : left) / (1 + Math.Exp((level - y) * 18));
                if (Math.Abs(x - wire - (0.3 * y)) < 0.04)
                    value += 0.25;
                value = (gain * (value - 0.4)) + 0.4 + offset + (0.035 * visit.NextGaussian());
                pixels[(row * Size) + column] = (byte)Math.Clamp(Math.Round(value * 255), 0, 255);
            }
        }

        return Png(pixels);
    }

    // 1 within an ellipse, 0 outside, with a soft edge.
    private static double Inside(double x, double y, double width, double height) =>
        1 / (1 + Math.Exp(14 * (((x / width) * (x / width)) + ((y / height) * (y / height)) - 1)));

    private static byte[] Png(byte[] pixels)
    {
        using var image = SKImage.FromPixelCopy(new SKImageInfo(Size, Size, SKColorType.Gray8, SKAlphaType.Opaque), pixels, Size);
        using var file = image.Encode(SKEncodedImageFormat.Png, 100);
        return file.ToArray();
    }
}
