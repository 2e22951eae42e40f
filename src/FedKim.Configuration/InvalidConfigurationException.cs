using System.Collections.Immutable;

namespace FedKim.Configuration;

/// <summary>A configuration that cannot be used, with everything that is wrong with it.</summary>
/// <param name="problems">One line a problem: file and line, key, what is allowed, what to do.</param>
public sealed class InvalidConfigurationException(IEnumerable<string> problems) : Exception
{
    /// <summary>One line a problem.</summary>
    public ImmutableArray<string> Problems { get; } = [.. problems];

    /// <inheritdoc/>
    public override string Message => string.Join(Environment.NewLine, Problems);
}
