using System.Collections.Immutable;
using System.Text.Json;

namespace FedKim.Actors.Errands;

/// <summary>What an order calls by name: all that a reason may call by name, on its way back.</summary>
internal static class OrderNames
{
    /// <param name="learning">The learning plan, JSON; none where it cannot be read.</param>
    /// <param name="others">What else the order says.</param>
    public static IReadOnlySet<string> Of(string learning, params ReadOnlySpan<string> others)
    {
        var names = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        names.UnionWith(others.ToArray());
        try
        {
            using var plan = JsonDocument.Parse(learning);
            Add(plan.RootElement);
        }
        catch (JsonException)
        {
            // Whoever is to work by it says so.
        }

        return names.ToImmutable();

        void Add(JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    names.Add(element.GetString()!);
                    break;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                        Add(item);
                    break;
                case JsonValueKind.Object:
                    foreach (var property in element.EnumerateObject())
                    {
                        names.Add(property.Name);
                        Add(property.Value);
                    }

                    break;
            }
        }
    }
}
