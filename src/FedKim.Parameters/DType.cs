namespace FedKim.Parameters;

/// <summary>An element type of the safetensors format that FedKim reads and writes.</summary>
public enum DType
{
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U8,
    Bool,
}

/// <summary>What a <see cref="DType"/> is called in a file and how wide it is.</summary>
public static class DTypes
{
    /// <summary>Bytes an element takes, 1 to 8.</summary>
    public static int Width(this DType type) => type switch
    {
        DType.F64 or DType.I64 => 8,
        DType.F32 or DType.I32 => 4,
        DType.F16 or DType.BF16 or DType.I16 => 2,
        _ => 1,
    };

    /// <summary>True for the types that are averaged; the others are counted or flags.</summary>
    public static bool IsFloating(this DType type) => type is DType.F64 or DType.F32 or DType.F16 or DType.BF16;

    /// <summary>The name in a safetensors header, e.g. <c>BF16</c>, <c>BOOL</c>.</summary>
    public static string Name(this DType type) => type == DType.Bool ? "BOOL" : type.ToString();

    /// <summary>True, and the type, when <paramref name="name"/> is the header name of one.</summary>
    public static bool TryParse(string? name, out DType type)
    {
        foreach (var candidate in Enum.GetValues<DType>())
        {
            if (candidate.Name() != name)
                continue;
            type = candidate;
            return true;
        }

        type = default;
        return false;
    }
}
