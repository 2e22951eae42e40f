using System.Text;
using System.Text.RegularExpressions;
using FedKim.Node.Page;

namespace FedKim.Node.Tests;

/// <summary>The page as it lies in the program: whole, and of nothing but itself.</summary>
public sealed partial class PageFilesTests
{
    private static readonly Dictionary<string, string> Files = PageFile.All().ToDictionary(file => file.Path, file => Encoding.UTF8.GetString(file.Content.Span));

    [Fact]
    public void Every_file_that_the_page_names_is_there()
    {
        var named = from page in Files
                    from link in Link().Matches(page.Value).Select(match => match.Groups["to"].Value)
                    select new Uri(new Uri($"http://server{page.Key}"), link).AbsolutePath;
        string[] all = [.. named.Distinct()];
        Assert.Contains("/page/views/federation.js", all);
        Assert.All(all, path => Assert.Contains(path, Files.Keys));
    }

    // Data reach the page as text; what would read them as markup, or as a program, is not used.
    [Theory]
    [InlineData("innerHTML")]
    [InlineData("outerHTML")]
    [InlineData("insertAdjacentHTML")]
    [InlineData("document.write")]
    [InlineData("eval(")]
    [InlineData("new Function")]
    public void No_file_of_the_page_makes_markup_or_programs_of_texts(string word) =>
        Assert.DoesNotContain(Files.Where(file => file.Key.EndsWith(".js", StringComparison.Ordinal)), file => file.Value.Contains(word, StringComparison.Ordinal));

    [Fact]
    public void No_file_of_the_pages_own_names_another_host() =>
        Assert.DoesNotContain(
            Files.Where(file => !file.Key.Contains("/uplot/", StringComparison.Ordinal)),
            file => file.Value.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal).Contains("://", StringComparison.Ordinal));

    [Fact]
    public void What_the_policy_forbids_the_page_does_not_hold()
    {
        string page = Files[PageFile.Root];
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"<script(?![^>]*\bsrc=)|<style|\son[a-z]+=", page);
    }

    [GeneratedRegex("""(?:src|href)="(?<to>/page/[^"]+)"|from '(?<to>\.[^']+)'""")]
    private static partial Regex Link();
}
