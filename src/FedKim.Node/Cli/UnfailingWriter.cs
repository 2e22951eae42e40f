using System.Text;

namespace FedKim.Node.Cli;

/// <summary>
/// What a program prints that has more to do than to print: where it cannot be written, on a full disk or into a closed pipe, it is lost, and
/// the program goes on. That it is lost is said once.
/// </summary>
internal sealed class UnfailingWriter(TextWriter inner, TextWriter? told) : TextWriter
{
    private bool _said;

    public override Encoding Encoding => inner.Encoding;

    /// <summary>From now on nothing that this process prints can end it.</summary>
    public static void TakeOverOutput()
    {
        var errors = new UnfailingWriter(Console.Error, told: null);
        Console.SetError(errors);
        Console.SetOut(new UnfailingWriter(Console.Out, errors));
    }

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            if (_said)
                return;
            _said = true;
            told?.WriteLine($"What is printed is lost from here on: {e.Message.TrimEnd('.')}. The nodes run on, and their logs say the rest.");
        }
    }
}
