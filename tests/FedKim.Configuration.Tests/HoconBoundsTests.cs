using System.Text;
using CsCheck;
using FedKim.Testing;

namespace FedKim.Configuration.Tests;

/// <summary>Files and submitted texts that would end the process, or take the machine: each is refused by one line.</summary>
public sealed class HoconBoundsTests : IDisposable
{
    private const int Many = 80_000;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Texts => new()
    {
        { $"federation {Repeat("{", Many)}", "submitted file:1: more than 64 brackets stand in each other. Write it flatter." },
        { $"federation {Repeat("{ a ", Many)}{Repeat("}", Many)}", "submitted file:1: more than 64 brackets" },
        { $"federation.clients = {Repeat("[", Many)}", "submitted file:1: more than 64 brackets" },
        { $"{Repeat("a.", Many)}a = 1", "submitted file:1: a key has more than 64 parts. Write it flatter." },
        { $"{new string('a', Many)} = 1", "submitted file:1: a key has more than 500 characters. Write it shorter." },
        { $"\"{new string('a', Many)}\" = 1", "submitted file:1: a key has more than 500 characters." },
        { string.Concat(Enumerable.Range(0, 30_000).Select(i => $"k{i}=1\n")), ":20001: there are more than 20000 keys. Write less." },
        { new string(' ', 500_001), "submitted file: it has more than 500000 characters with what it includes. Shorten it." },
        { "federation = ${federation}", "submitted file:1: federation takes over ${federation}, which leads back to itself." },
        { "self.reference = ${self.reference}", "submitted file:1: self.reference takes over ${self.reference}, which leads back to itself." },
        { "a = ${b}\nb = ${c}\nc { d = ${a} }", "which leads back to itself. Write out the value in one of the two places." },
        { "a { b = ${a} }", "submitted file:1: a.b takes over ${a}, which leads back to itself." },
        { "a = ${b.c}\nb = ${a}", "which leads back to itself." },
        { "a = [1, ${a}]", "submitted file:1: a takes over ${a}, which leads back to itself." },
        { "a0 = x\n" + string.Concat(Enumerable.Range(1, 100).Select(i => $"a{i} = ${{a{i - 1}}}\n")), "more than 32 substitutions that lead to each other." },
        { "a0 = xxxxxxxxxx\n" + string.Concat(Enumerable.Range(1, 20).Select(i => $"a{i} = {Repeat($"${{a{i - 1}}} ", 10)}\n")), "stand for more than 4000000 characters. Take over less." },
        { "b = 1\n" + string.Concat(Enumerable.Range(0, 1_100).Select(i => $"a{i} = ${{b}}\n")), "there are more than 1000 substitutions. Write some of them out." },
        { "federation.name = ${PATH}", "submitted file:1: federation.name takes over ${PATH}, which is written nowhere." },
        { "federation.name = ${?HOME}", "submitted file:1: ${?HOME} takes nothing over; write ${key}" },
        { "b=1\na=[${?b}]", "submitted file:2: ${?b} takes nothing over; write ${key}: letters, digits, dots, hyphens and underscores, and no question mark." },
        { "b=1\na=[${b }]", "submitted file:2: ${b } takes nothing over" },
        { "b=1\na=[1, ${ b }]", "submitted file:2: ${ b } takes nothing over" },
        { "b=1\na=[${\"b\"}]", "submitted file:2: ${\"b\"} takes nothing over" },
        { "b.c=2\nb=2\na=1 =b=${b} =d=${b.c}", "submitted file:3: '=' stands in a value outside of quotes; put the value in quotes." },
        { "[" + Repeat("a.", Many) + "a]", "submitted file:1: a list stands where a key should; write key = […]." },
        { "a=1\r" + Repeat("a.", Many) + "a=1", "submitted file:1: the invisible character U+000D stands outside of quotes; remove it." },
        { "a=1\u00a0b=1", "submitted file:1: the invisible character U+00A0 stands outside of quotes; remove it." },
        { "=1", "submitted file:1: '=' has no key before it; write one, or remove it." },
        { "a=[" + Repeat("?,", Many) + "]", "submitted file:1: '?' stands in a list outside of quotes" },
        { "\"\"\" \"=[?]\"\"\"=1", "submitted file:1: a key stands in three quotes; write it in one pair of them." },
        { "federation.name = ${name", "submitted file:1: a substitution is not closed; add the missing '}' after ${." },
        { "federation { include \"x\" }", "submitted file:" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Texts))]
    public void A_text_without_end_is_refused_by_a_line(string text, string message)
    {
        var wrong = Assert.Throws<InvalidConfigurationException>(() => FederationFile.ParseText(text));
        Assert.Contains(message, wrong.Problems[0]);
        Assert.All(wrong.Problems, problem => Assert.DoesNotContain('\n', problem));
    }

    // Akka's parser would read each of them for ever.
    [Theory]
    [InlineData("a=[user@host]", '@')]
    [InlineData("a=[ hospital-* ]", '*')]
    [InlineData("a=[b\\c]", '\\')]
    [InlineData("a { b=[1,\n?] }", '?')]
    [InlineData("a=[[!]]", '!')]
    [InlineData("a=[{b=[$]}]", '$')]
    [InlineData("a=[b&c]", '&')]
    [InlineData("a=b [^]", '^')]
    [InlineData("a=[`b`]", '`')]
    [InlineData("a=[\"x\"=1]", '=')]
    [InlineData("a=[host:9100]", ':')]
    [InlineData("a=[{}:2]", ':')]
    public void A_character_that_a_list_has_no_place_for_is_named(string text, char character)
    {
        var wrong = Assert.Throws<InvalidConfigurationException>(() => HoconFile.Of("submitted file", text));
        Assert.EndsWith($": '{character}' stands in a list outside of quotes; put what it belongs to in quotes.", wrong.Problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b=1\na=[\"host:9100\", [\"user@host\"], ${b}, \"?\", {c=1}, 1.5e3, x/y, (z) # @\n]")]
    public void What_a_list_has_a_place_for_is_read(string text) => Assert.True(HoconFile.Of("submitted file", text).Config.HasPath("a"));

    [Fact]
    public void A_value_of_an_option_is_held_to_the_same()
    {
        string file = _folder.Write("f.conf", "federation.clients = [a]\n");
        var wrong = Assert.Throws<InvalidConfigurationException>(() => HoconFile.Read(file, "", new Override("federation.clients", "[a@b]", "--hospitals")));
        Assert.Equal("--hospitals [a@b]: '@' stands in a list outside of quotes; put what it belongs to in quotes.", Assert.Single(wrong.Problems));
    }

    [Fact]
    public void An_included_files_substitution_is_named_where_it_stands()
    {
        string inner = _folder.Write("inner.conf", "x = 1\na = ${a}\n");
        string outer = _folder.Write("outer.conf", "include \"inner.conf\"\nb = 1\n");

        var wrong = Assert.Throws<InvalidConfigurationException>(() => HoconFile.Read(outer));

        Assert.Equal($"{inner}:2: a takes over ${{a}}, which leads back to itself. Write out the value in one of the two places.", Assert.Single(wrong.Problems));
    }

    [Fact]
    public void Files_that_include_more_and_more_are_refused()
    {
        for (int i = 0; i < 9; i++)
            _folder.Write($"{i}.conf", string.Concat(Enumerable.Repeat($"include \"{i + 1}.conf\"\n", 10)));
        _folder.Write("9.conf", "");

        var wrong = Assert.Throws<InvalidConfigurationException>(() => HoconFile.Read(Path.Combine(_folder.Path, "0.conf")));

        Assert.Contains("is one of more than 100. Put what they say into fewer.", Assert.Single(wrong.Problems));
    }

    [Fact]
    public void What_is_no_text_of_some_size_is_refused()
    {
        Assert.Contains("it has more than 500000 characters", Problem("/dev/zero"));
        Assert.Contains("is a folder's. Name a file.", Problem(_folder.Path));
        string file = Path.Combine(_folder.Path, "latin.conf");
        File.WriteAllBytes(file, [.. "name = \""u8, 0xE9, .. "\""u8]);
        Assert.Contains("is no text in UTF-8. Save it as UTF-8.", Problem(file));

        static string Problem(string path) => Assert.Single(Assert.Throws<InvalidConfigurationException>(() => HoconFile.Read(path)).Problems);
    }

    [Theory]
    [InlineData("0,003")]
    [InlineData("1,000")]
    public void A_decimal_comma_is_no_number(string number)
    {
        string file = _folder.Write("f.conf", $"s {{ x = \"{number}\" }}");
        var read = HoconFile.Read(file);
        _ = read.Section("s").Number("x", 0.0, 10_000.0);

        var wrong = Assert.Throws<InvalidConfigurationException>(read.Complete);
        Assert.Equal($"{file}:1: s.x is \"{number}\"; it must be a number, 0 to 10000.", Assert.Single(wrong.Problems));
    }

    [Fact]
    public void Whatever_a_text_is_made_of_it_is_read_or_refused()
    {
        string[] pieces = ["{", "}", "[", "]", "a", "b", ".", "=", ":", "\"", "\"\"\"", "\\", "//", "#", "${", "${a}", "${b}", "${?b}", "${ b }", "${?b.a}", "${a.b}", ",", "\n", " ", "?", "@", "!", "$", "&", "*", "^", "`", "+=", "include ", "\"x\"", "null", "'"];
        OneOf(pieces).Array[0, 60].Select(all => "b = 1\n" + string.Concat(all)).Sample(text =>
        {
            try
            {
                Touch(HoconFile.Of("text", text));
                return true;
            }
            catch (InvalidConfigurationException e)
            {
                return e.Problems.Length > 0;
            }
        }, iter: 20_000);

        // What was read can be looked through, and shown.
        static void Touch(HoconFile file)
        {
            foreach (string key in file.Section("a").Keys)
                _ = file.Section("a").Settings(key);
            _ = file.Config.ToString();
        }
    }

    [Fact]
    public void Brackets_that_hide_behind_quotes_and_comments_are_counted_as_the_parser_counts_them()
    {
        string[] lures = ["{", "a{", "\"{", "#{", "//{", "a:\"{", "a=b//{", "a=\"\"\"{", "\\{", "\n", "'", "\"", "a/{", "a=/{", "a=#{", "[", "a=["];
        Gen.Select(OneOf(lures), OneOf(lures), OneOf(lures)).Sample((one, two, three) =>
        {
            var text = new StringBuilder();
            for (int i = 0; i < 4_000; i++)
                text.Append(one).Append(two).Append(three);
            try
            {
                _ = HoconFile.Of("text", text.ToString());
                return true;
            }
            catch (InvalidConfigurationException)
            {
                return true;
            }
        }, iter: 3_000, threads: 1);
    }

    private static Gen<string> OneOf(string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
