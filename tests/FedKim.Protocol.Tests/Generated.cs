using System.Collections.Immutable;
using System.Reflection;
using Akka.Actor;
using CsCheck;
using FedKim.Rounds;

namespace FedKim.Protocol.Tests;

/// <summary>
/// Any value of a type, found by its shape: a record by its constructor or its properties, an interface by its implementations.
/// A type it does not know fails the test, so that a new message or event is either covered or noticed.
/// </summary>
internal static class Generated
{
    // Whole characters only: half a surrogate pair has no UTF-8 form.
    private static readonly Gen<string> Text = Gen.OneOf("", "a", "hospital-ä", "心電図", "🫀", "\0\n\"\\").Array[0, 4].Select(string.Concat);

    private static readonly Gen<double> Double = Gen.OneOf<double>(
        Gen.Double, Gen.OneOf(double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon));

    /// <summary>Values of <paramref name="type"/>; actor references among them are one of <paramref name="actors"/>.</summary>
    public static Gen<object> Of(Type type, params IActorRef[] actors)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Gen.OneOf(Gen.Const((object)null!), Of(inner, actors));
        if (type == typeof(string))
            return Boxed(Text);
        if (type == typeof(int))
            return Boxed(Gen.Int);
        if (type == typeof(long))
            return Boxed(Gen.Long);
        if (type == typeof(double))
            return Boxed(Double);
        if (type == typeof(bool))
            return Boxed(Gen.Bool);
        if (type == typeof(DateTimeOffset))
            return Boxed(Gen.Long[0, DateTime.MaxValue.Ticks].Select(t => new DateTimeOffset(t, TimeSpan.Zero)));
        if (type == typeof(TimeSpan))
            return Boxed(Gen.Long.Select(TimeSpan.FromTicks));
        if (type == typeof(Digest))
            return Boxed(Gen.Byte.Array[32].Select(b => Digest.Of(b)));
        if (type == typeof(SampleCounts))
            return Boxed(Gen.Dictionary(Text, Gen.Long)[0, 5].Select(d => SampleCounts.Of(d.Select(p => (p.Key, p.Value)))));
        if (type == typeof(ImmutableSortedDictionary<string, ImmutableArray<string>>))
        {
            return Boxed(Gen.Dictionary(Text, Text.Array[0, 3].Select(ImmutableArray.Create))[0, 4]
                .Select(d => d.ToImmutableSortedDictionary(StringComparer.Ordinal)));
        }

        if (type == typeof(ImmutableArray<ClientId>))
            return Boxed(Text.Array[0, 5].Select(a => a.Select(t => new ClientId(t)).ToImmutableArray()));
        if (type == typeof(IActorRef))
            return Boxed(Gen.OneOf(actors));
        if (type == typeof(byte[]))
            return Boxed(Gen.Byte.Array[0, 40]);
        if (type.IsArray)
            return Of(type.GetElementType()!, actors).Array[0, 5].Select(items => (object)Typed(items, type.GetElementType()!));
        if (type.IsInterface)
            return Gen.OneOf<object>([.. Implementations(type).Select(t => Of(t, actors))]);
        if (type.Namespace?.StartsWith("FedKim", StringComparison.Ordinal) is not true)
            throw new NotSupportedException($"No values of {type} can be generated.");
        return Record(type, actors);
    }

    /// <summary>The concrete types that implement <paramref name="contract"/>, where it is declared, in the order of their names.</summary>
    public static IEnumerable<Type> Implementations(Type contract) => contract.Assembly.GetTypes()
        .Where(t => t is { IsAbstract: false, IsInterface: false } && t.IsAssignableTo(contract))
        .OrderBy(t => t.FullName, StringComparer.Ordinal);

    private static Gen<object> Record(Type type, IActorRef[] actors)
    {
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        var arguments = constructor.GetParameters();
        if (arguments.Length > 0)
            return All(arguments.Select(p => Of(p.ParameterType, actors))).Select(values => constructor.Invoke([.. values]));

        PropertyInfo[] properties = [.. type.GetProperties().Where(p => p.CanWrite)];
        return All(properties.Select(p => Of(p.PropertyType, actors))).Select(values =>
        {
            object made = Activator.CreateInstance(type)!;
            for (int i = 0; i < properties.Length; i++)
                properties[i].SetValue(made, values[i]);
            return made;
        });
    }

    private static Gen<ImmutableList<object>> All(IEnumerable<Gen<object>> generators) =>
        generators.Aggregate(Gen.Const(ImmutableList<object>.Empty), (sofar, next) => Gen.Select(sofar, next, (list, item) => list.Add(item)));

    private static Gen<object> Boxed<T>(Gen<T> generator) => generator.Select(value => (object)value!);

    private static Array Typed(object[] items, Type element)
    {
        var typed = Array.CreateInstance(element, items.Length);
        for (int i = 0; i < items.Length; i++)
            typed.SetValue(items[i], i);
        return typed;
    }
}
