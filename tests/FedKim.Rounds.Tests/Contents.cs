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
        // Adding zero makes one of the two zeros, which are equal.
        double number => (number + 0.0).ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset at => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ when !IsRecord(value.GetType()) => value.ToString()!,
        _ => $"{value.GetType().Name} {{ {string.Join(", ", Properties(value.GetType()).Select(p => $"{p.Name} = {Of(p.GetValue(value))}"))} }}",
    };

    // What follows from other properties is left out.
    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(p => p.CanWrite);

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null;
}
