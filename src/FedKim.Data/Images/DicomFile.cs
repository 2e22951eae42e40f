using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace FedKim.Data.Images;

/// <summary>
/// A DICOM file's header, as far as it decides what its pixels mean (PS3.3 C.7.6.3, C.11.1, C.11.2), and its pixels where they lie in the file
/// as they are, grey and uncompressed. Other files are left to DCMTK, which asks the header for the same window.
/// </summary>
/// <param name="Syntax">Transfer syntax.</param>
/// <param name="Values">The values of those elements that decide, by their tags.</param>
/// <param name="Pixels">Range of the file's bytes that its pixels are; empty where they are not told or packed.</param>
internal sealed record DicomFile(string Syntax, IReadOnlyDictionary<uint, string> Values, Range Pixels)
{
    private const string Implicit = "1.2.840.10008.1.2", Explicit = "1.2.840.10008.1.2.1";
    private const int Preamble = 128, MostNesting = 32;

    /// <summary>Bytes within which a header ends, thumbnails in it included.</summary>
    public const int LongestHeader = 1 << 20;

    private const uint Item = 0xFFFEE000, ItemEnd = 0xFFFEE00D, SequenceEnd = 0xFFFEE0DD, PixelData = 0x7FE00010, Undefined = 0xFFFFFFFF;
    private const uint SyntaxUid = 0x00020010, SamplesPerPixel = 0x00280002, Photometric = 0x00280004, Frames = 0x00280008, Rows = 0x00280010,
        Columns = 0x00280011, BitsAllocated = 0x00280100, BitsStored = 0x00280101, HighBit = 0x00280102, Signed = 0x00280103, WindowCenter = 0x00281050,
        WindowWidth = 0x00281051, Intercept = 0x00281052, Slope = 0x00281053, WindowFunction = 0x00281056, ModalityTable = 0x00283000;

    // Unsigned 16-bit numbers, and texts.
    private static readonly HashSet<uint> Numbers = [SamplesPerPixel, Rows, Columns, BitsAllocated, BitsStored, HighBit, Signed];
    private static readonly HashSet<uint> Texts = [SyntaxUid, Photometric, Frames, WindowCenter, WindowWidth, Intercept, Slope, WindowFunction];
    private static readonly HashSet<string> Long = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];

    /// <summary>Whether the file brings a window of its own.</summary>
    public bool HasWindow => Number(WindowCenter) is not null && Number(WindowWidth) is >= 1;

    /// <summary>Bits of a value.</summary>
    public int Bits => (int)(Number(BitsStored) ?? 8);

    /// <summary>Whether the pixels lie there as they are, and as one grey picture.</summary>
    public bool IsPlain => Syntax is Implicit or Explicit && Number(SamplesPerPixel) is 1 && Number(Frames) is null or 1 && !Pixels.Equals(default)
        && Values.GetValueOrDefault(Photometric) is "MONOCHROME1" or "MONOCHROME2" && Number(BitsAllocated) is 8 or 16
        && !Values.ContainsKey(ModalityTable);

    /// <summary>Reads a file's header; null where it is no DICOM file, or its header cannot be read to the pixels.</summary>
    public static DicomFile? Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < Preamble + 4 || !file[Preamble..].StartsWith("DICM"u8))
            return null;
        var values = new Dictionary<uint, string>();
        try
        {
            int at = Preamble + 4;
            bool withTypes = true;
            while (at < file.Length)
            {
                // The file's own group, 0002, always has types; what follows is as it says.
                if (BinaryPrimitives.ReadUInt16LittleEndian(file[at..]) != 2)
                {
                    if (values.GetValueOrDefault(SyntaxUid) is not { } syntax)
                        return null;
                    withTypes = syntax != Implicit;
                }

                var element = Element.At(file, at, withTypes);
                if (element.Tag == PixelData)
                {
                    return new DicomFile(values[SyntaxUid], values,
                        element.Length == Undefined ? default : element.Start..checked(element.Start + (int)element.Length));
                }

                if (Numbers.Contains(element.Tag) && element.Length == sizeof(ushort))
                    values[element.Tag] = BinaryPrimitives.ReadUInt16LittleEndian(file[element.Start..]).ToString(CultureInfo.InvariantCulture);
                else if (Texts.Contains(element.Tag))
                    values[element.Tag] = Encoding.Latin1.GetString(file.Slice(element.Start, checked((int)element.Length))).Trim('\0', ' ');
                else if (element.Tag == ModalityTable)
                    values[element.Tag] = "";
                at = element.Length == Undefined ? AfterSequence(file, element.Start, withTypes, 0) : checked(element.Start + (int)element.Length);
            }
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            // Cut off or garbled: DCMTK is asked, and says why.
        }

        return null;
    }

    /// <summary>The picture, of a file that <see cref="IsPlain"/>: through its window where it has one, else over all that its bits can say.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">Its bytes.</param>
    /// <param name="reading">Told how its values were scaled.</param>
    /// <exception cref="DataException">The header contradicts itself or the pixels.</exception>
    public DeepPicture Decode(string path, ReadOnlySpan<byte> file, Reading reading)
    {
        int width = Whole(path, Columns, 1, ushort.MaxValue), height = Whole(path, Rows, 1, ushort.MaxValue);
        int allocated = Whole(path, BitsAllocated, 8, 16), stored = Whole(path, BitsStored, 1, allocated);
        int high = Number(HighBit) is null ? stored - 1 : Whole(path, HighBit, stored - 1, allocated - 1);
        bool signed = Number(Signed) is 1;
        PictureFile.CheckSize(path, width, height);
        long needed = (long)width * height * (allocated / 8);
        var (start, end) = (Pixels.Start.Value, Pixels.End.Value);
        if (end > file.Length || end - start < needed)
            throw new DataException(path, $"is truncated: {width}x{height} pixels of {allocated} bits need {needed} bytes, the file has {Math.Min(end, file.Length) - start}.");
        double slope = Number(Slope) ?? 1, intercept = Number(Intercept) ?? 0;
        if (slope == 0)
            throw new DataException(path, "its rescale slope is 0; export the picture as PNG beside it.");
        double least = signed ? -(1 << (stored - 1)) : 0, most = least + (1 << stored) - 1;
        var scale = Scale(path, (slope * least) + intercept, (slope * most) + intercept);
        bool inverted = Values[Photometric] == "MONOCHROME1";
        float[] grey = new float[width * height];
        for (int i = 0; i < grey.Length; i++)
        {
            int raw = allocated == 8 ? file[start + i] : BinaryPrimitives.ReadUInt16LittleEndian(file[(start + (2 * i))..]);
            raw = (raw >> (high + 1 - stored)) & ((1 << stored) - 1);
            if (signed && raw >> (stored - 1) != 0)
                raw -= 1 << stored;
            double value = scale((slope * raw) + intercept);
            grey[i] = (float)(inverted ? 1 - value : value);
        }

        reading.See($"DICOM of {stored} bits, {Values[Photometric]}, {(HasWindow ? "through its window" : "without a window")}");
        return new DeepPicture(width, height, grey);
    }

    // PS3.3 C.11.2.1.2 and C.11.2.1.3: from values to 0 (black) to 1 (white).
    private Func<double, double> Scale(string path, double first, double last)
    {
        if (!HasWindow)
        {
            var (least, most) = (Math.Min(first, last), Math.Max(first, last));
            return value => most == least ? 0 : (value - least) / (most - least);
        }

        double center = Number(WindowCenter)!.Value, width = Number(WindowWidth)!.Value;
        return Values.GetValueOrDefault(WindowFunction) switch
        {
            null or "" or "LINEAR" when width == 1 => value => value <= center - 0.5 ? 0 : 1,
            null or "" or "LINEAR" => value => Math.Clamp(((value - (center - 0.5)) / (width - 1)) + 0.5, 0, 1),
            "LINEAR_EXACT" => value => Math.Clamp(((value - center) / width) + 0.5, 0, 1),
            "SIGMOID" => value => 1 / (1 + Math.Exp(-4 * (value - center) / width)),
            _ => throw new DataException(path, "its VOI LUT function (0028,1056) is none of LINEAR, LINEAR_EXACT and SIGMOID; export the picture as PNG beside it."),
        };
    }

    // Of several values, such as several windows, the first.
    private double? Number(uint tag) => Values.TryGetValue(tag, out string? text)
        && double.TryParse(text.Split('\\')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private int Whole(string path, uint tag, int least, int most) => Number(tag) is { } number && number >= least && number <= most
        ? (int)number
        : throw new DataException(path, $"element ({tag >> 16:x4},{tag & 0xFFFF:x4}) is missing or not between {least} and {most}; its header is corrupt.");

    private static int AfterSequence(ReadOnlySpan<byte> file, int at, bool withTypes, int nesting)
    {
        if (nesting > MostNesting)
            throw new OverflowException();
        while (true)
        {
            var item = Element.At(file, at, withTypes);
            at = item.Start;
            if (item.Tag == SequenceEnd)
                return at;
            if (item.Tag != Item)
                throw new OverflowException();
            if (item.Length != Undefined)
            {
                at = checked(at + (int)item.Length);
                continue;
            }

            for (var inner = Element.At(file, at, withTypes); ; inner = Element.At(file, at, withTypes))
            {
                at = inner.Start;
                if (inner.Tag == ItemEnd)
                    break;
                at = inner.Length == Undefined ? AfterSequence(file, at, withTypes, nesting + 1) : checked(at + (int)inner.Length);
            }
        }
    }

    /// <summary>Where an element's value stands (PS3.5 §7.1).</summary>
    private readonly record struct Element(uint Tag, int Start, uint Length)
    {
        public static Element At(ReadOnlySpan<byte> file, int at, bool withTypes)
        {
            uint tag = ((uint)BinaryPrimitives.ReadUInt16LittleEndian(file[at..]) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 2)..]);
            // Items and their ends have no type.
            if (!withTypes || tag is Item or ItemEnd or SequenceEnd)
                return new Element(tag, at + 8, BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]));
            string type = Encoding.Latin1.GetString(file.Slice(at + 4, 2));
            return Long.Contains(type)
                ? new Element(tag, at + 12, BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 8)..]))
                : new Element(tag, at + 8, BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 6)..]));
        }
    }
}
