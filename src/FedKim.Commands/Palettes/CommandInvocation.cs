using System.Collections.Immutable;
using System.Globalization;

namespace FedKim.Commands.Palettes;

/// <summary>A command as it was asked for. Handlers get it completed: see <see cref="PaletteSet.Complete"/>.</summary>
/// <param name="Switches">Values by the switch's long name; a flag that is set holds <c>true</c>.</param>
public sealed record CommandInvocation(string Palette, string Command, ImmutableSortedDictionary<string, string> Switches)
{
    public CommandInvocation(string palette, string command) : this(palette, command, NoSwitches)
    {
    }

    public static ImmutableSortedDictionary<string, string> NoSwitches { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>This invocation with a switch set.</summary>
    public CommandInvocation With(string name, string value) => this with { Switches = Switches.SetItem(name, value) };

    /// <summary>This invocation with a switch set; as it is where there is no value.</summary>
    public CommandInvocation With(CommandSwitch known, string? value) => value is null ? this : With(known.Name, value);

    /// <summary>The value of a switch, null if it was left out and has no default.</summary>
    public string? Text(CommandSwitch known) => Switches.GetValueOrDefault(known.Name);

    /// <summary>The value of a switch of kind <see cref="SwitchKind.Number"/>, null if it was left out and has no default.</summary>
    public long? Number(CommandSwitch known) => Text(known) is { } text ? long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;

    /// <summary>Whether a switch of kind <see cref="SwitchKind.Flag"/> is set.</summary>
    public bool Flag(CommandSwitch known) => Text(known) == "true";
}
