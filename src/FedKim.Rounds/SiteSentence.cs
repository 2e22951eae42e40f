using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FedKim.Rounds;

/// <summary>
/// A sentence that a site may say to others, with places for what it is about, such as <c>task {name}</c>. What a place takes is bounded by its
/// kind, so that the sentence can be told from any other text by whoever hears it.
/// </summary>
public sealed partial class SiteSentence
{
    private const string Name = "name", Address = "address";

    // Names and addresses come out of an order, and are compared with it; those of tensors out of the model.
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        [Name] = @"[\p{L}\p{N}._+-]{1,64}",
        [Address] = @"https?://[A-Za-z0-9.:\[\]-]{1,100}/",
        ["tensor"] = "[A-Za-z0-9_.-]{1,200}",
        ["number"] = "[0-9]{1,15}",
        ["split"] = "public|development|test",
        ["what"] = "encoder|method|metric|reader|strategy",
        ["place"] = "the site's work folder|the injector's work folder",
        ["Place"] = "The site's work folder|The injector's work folder",
        ["cause"] = "connection refused|no answer in time|no host of that name|no way there|the connection broke|no certificate that both take",
    };

    private readonly (string Before, string Kind)[] _places;
    private readonly string _end;
    private readonly Regex _pattern;

    /// <param name="template">The sentence, with kinds in braces.</param>
    internal SiteSentence(string template)
    {
        Template = template;
        int at = 0;
        var places = new List<(string, string)>();
        var pattern = new StringBuilder("^");
        foreach (Match place in Place().Matches(template))
        {
            string before = template[at..place.Index], kind = place.Groups[1].Value;
            places.Add((before, kind));
            pattern.Append(Regex.Escape(before)).Append('(').Append(Kinds[kind]).Append(')');
            at = place.Index + place.Length;
        }

        (_places, _end) = ([.. places], template[at..]);
        // To the very end: $ alone would let a line break follow.
        _pattern = new Regex(pattern.Append(Regex.Escape(_end)).Append(@"\z").ToString(), RegexOptions.CultureInvariant);
    }

    /// <summary>The sentence with its kinds in braces, as it stands in the documentation.</summary>
    public string Template { get; }

    /// <summary>Says it of these, in the order of its places; where one does not fit its place, it is <see cref="SiteSentences.Other"/> that is said.</summary>
    public SiteReason Say(params ReadOnlySpan<object> about)
    {
        if (about.Length != _places.Length)
            throw new ArgumentException($"This sentence has {_places.Length} places and was told {about.Length}: {_pattern}", nameof(about));
        var text = new StringBuilder();
        for (int i = 0; i < about.Length; i++)
            text.Append(_places[i].Before).Append(Convert.ToString(about[i], CultureInfo.InvariantCulture));
        return Read(text.Append(_end).ToString()) ?? SiteSentences.Other.Say();
    }

    /// <summary>The sentence that a text is; null where it is not this one.</summary>
    internal SiteReason? Read(string text) => _pattern.Match(text) is { Success: true } match
        ? new SiteReason(text, [.. _places.Select((place, i) => (place.Kind, match.Groups[i + 1].Value)).Where(p => p.Kind is Name or Address).Select(p => p.Value)])
        : null;

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Place();
}
