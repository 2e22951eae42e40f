using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using FedKim.Actors.Journals;
using FedKim.Certificates;
using FedKim.Commands;
using FedKim.Configuration;
using FedKim.Data;
using FedKim.Launch;
using FedKim.Learning;
using FedKim.Models;
using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Parameters.PyTorch;
using FedKim.Rounds;

namespace FedKim.Node.Cli;

/// <summary>What ended a command that could not do what it was asked to, for the person who asked.</summary>
/// <param name="Code">One of <see cref="ExitCodes"/>.</param>
/// <param name="Line">What happened, and what to do.</param>
internal sealed record Failure(int Code, string Line)
{
    /// <summary>The failure that an exception stands for; every exception stands for one.</summary>
    public static Failure Of(Exception exception)
    {
        var e = Cause(exception);
        return e switch
        {
            InvalidConfigurationException or CertificateException or JournalException { Passing: false } => new(ExitCodes.Configuration, e.Message),
            DataException or LearningException or TorchRuntimeException or FoundationException or SafetensorsException
                or PyTorchException or UnknownNameException => new(ExitCodes.Data, e.Message),
            CommandException { Fault: CommandFault.Failed } => new(ExitCodes.Failed, e.Message),
            CommandException { Fault: CommandFault.Usage } => new(ExitCodes.Usage, e.Message),
            CommandException or JournalException => new(ExitCodes.Unreachable, e.Message),
            OperationCanceledException => new(ExitCodes.Interrupted, "Stopped before it was done."),
            SocketException or HttpRequestException => new(ExitCodes.Unreachable, $"{OneLine(e)}. Check the address, and whether a node listens there."),
            FileNotFoundException or DirectoryNotFoundException => new(ExitCodes.Configuration, $"{OneLine(e)}. Check the path."),
            IOException => new(ExitCodes.Configuration, $"{OneLine(e)}. Make room on the disk, or name another place."),
            UnauthorizedAccessException => new(ExitCodes.Configuration, $"{OneLine(e)}. Mend the rights of this account, or name another place."),
            OutOfMemoryException => new(ExitCodes.Failed, "The memory of this machine does not suffice. Give it more, or choose smaller models or batches."),
            _ => new(ExitCodes.Failed, $"FedKim ended by a fault of its own: {OneLine(e)} ({e.GetType().Name}{Place(e)}). Please report this line."),
        };
    }

    /// <summary>
    /// The failure of what was at work already. What cannot be used at all was refused by its name before (<see cref="InvalidConfigurationException"/>);
    /// what a disk does later may pass, so that starting again is no use only for a person to say.
    /// </summary>
    public static Failure AtWork(Exception exception) => Cause(exception) is IOException or UnauthorizedAccessException
        ? Of(exception) with { Code = ExitCodes.Failed }
        : Of(exception);

    /// <summary>Says it as errors are said. Where not even that can be written, it stays unsaid.</summary>
    public void Say()
    {
        try
        {
            Console.Error.WriteLine(Line);
        }
        catch (IOException)
        {
            // The exit code says it.
        }
    }

    // What only carries another exception says nothing itself.
    private static Exception Cause(Exception e) => e switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => Cause(first),
        TargetInvocationException { InnerException: { } inner } => Cause(inner),
        TypeInitializationException { InnerException: { } inner } => Cause(inner),
        _ => e,
    };

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    private static string Place(Exception e) =>
        new StackTrace(e).GetFrames().Select(frame => frame.GetMethod())
            .FirstOrDefault(method => method?.DeclaringType?.Namespace?.StartsWith("FedKim", StringComparison.Ordinal) == true)
            is { } method ? $" in {method.DeclaringType!.Name}.{method.Name}" : "";
}
