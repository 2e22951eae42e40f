using System.Collections;
using System.Globalization;
using System.Reflection;

namespace FedKim.Rounds.Tests;

/// <summary>A value as text, its collections item by item: two values with the same text have the same contents.</summary>
internal static class Contents
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        double number => BitConverter.DoubleToInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture),
        DateTimeOffset at => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ => $"{value.GetType().Name} {{ {string.Join(", ", Properties(value.GetType()).Select(p => $"{p.Name} = {Of(p.GetValue(value))}"))} }}",
    };

    // What follows from other properties is left out.
    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(p => p.CanWrite);
}
