using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>
/// What a plan calls by name, such as its strategy: what FedKim brings along, and what packages add when a process starts. A name stands for the
/// same on every node of a federation, so that nothing is ever replaced or taken away.
/// </summary>
/// <typeparam name="T">What the names stand for.</typeparam>
/// <param name="kind">What that is called, e.g. <c>strategy</c>.</param>
/// <param name="name">The name of one.</param>
/// <param name="own">What FedKim brings along, in the order in which it is listed.</param>
public sealed class NameTable<T>(string kind, Func<T, string> name, params ImmutableArray<T> own) where T : class
{
    /// <summary>What a name may look like, to go on after it in an error.</summary>
    public const string Rule = "a name has 1 to 63 lower-case letters, digits and hyphens, and starts with a letter";

    private const int MostLetters = 63;

    private ImmutableArray<T> _all = own;

    /// <summary>What they are called.</summary>
    public string Kind => kind;

    /// <summary>All of them, FedKim's own first.</summary>
    public ImmutableArray<T> All => _all;

    /// <summary>Their names, in the same order.</summary>
    public IReadOnlyList<string> Names => [.. _all.Select(name)];

    /// <summary>The one of this name; null when there is none.</summary>
    public T? Find(string wanted) => _all.FirstOrDefault(one => name(one) == wanted);

    /// <summary>The one of this name.</summary>
    /// <exception cref="UnknownNameException">There is none.</exception>
    public T Get(string wanted) => Find(wanted) ?? throw new UnknownNameException(kind, wanted, Names);

    /// <summary>Adds one; before the first plan is read.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="ArgumentException">Its name breaks the rule or is taken; the message goes on after what adds it.</exception>
    public string Add(T one)
    {
        string added = name(one);
        if (!IsValid(added))
            throw new ArgumentException($"adds the {kind} \"{added}\"; {Rule}.");
        if (!ImmutableInterlocked.Update(ref _all, all => all.Any(other => name(other) == added) ? all : all.Add(one)))
            throw new ArgumentException($"adds the {kind} {added}, and there is one of this name already. Give it another.");
        return added;
    }

    private static bool IsValid(string? text) =>
        text is { Length: > 0 and <= MostLetters } && char.IsAsciiLetterLower(text[0]) && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-');
}
