namespace FedKim.Architecture.Tests;

/// <summary>What is wrong, each with its place; whole, where an assertion on a text would cut it.</summary>
internal static class Problems
{
    public static void None(IEnumerable<string> problems)
    {
        string[] found = [.. problems];
        if (found.Length > 0)
            Assert.Fail(string.Join("\n", found));
    }
}
