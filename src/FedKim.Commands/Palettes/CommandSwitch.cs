namespace FedKim.Commands.Palettes;

/// <summary>What a switch's value may be. A flag takes no value: it is there or not.</summary>
public enum SwitchKind
{
    Text,
    Number,
    Flag,
}

/// <summary>A switch of a command: <c>--name value</c>, or <c>-s value</c> by its one-letter form.</summary>
/// <param name="Name">Long name: lower-case letters, digits and dashes.</param>
/// <param name="Short">One letter or digit, or null.</param>
/// <param name="Default">The value when the switch is left out; null means that the handler sees none.</param>
public sealed record CommandSwitch(
    string Name, string? Short, string Help, SwitchKind Kind = SwitchKind.Text, bool Required = false, string? Default = null);
