using System.Collections.Immutable;
using System.Reflection;
using FedKim.Launch.Supervision;

namespace FedKim.Launch;

/// <summary>The executable <c>fedkim</c> for those who start it: which words that takes, and how long it may take to end.</summary>
public static class FedKimProgram
{
    /// <summary>Ends a node when its standard input ends, and so with whoever started it.</summary>
    public const string WithParentOption = "--with-parent";

    /// <summary>The file of a node's work folder that its process holds, see <see cref="Machine.FolderLock"/>.</summary>
    public const string LockName = "node.lock";

    private const string Name = "fedkim", OneMapping = "DOTNET_EnableWriteXorExecute";

    /// <summary>How long a node may take to end in order.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(8);

    /// <summary>What starts the program that lies beside this one, or this one itself, before the arguments.</summary>
    public static ImmutableArray<string> Words { get; } = Find();

    /// <summary>
    /// Set for the nodes of a run on this machine: the runtime's second mapping of all that it compiles, against code that others slip in, costs
    /// each start a sixth of its time. A node that serves a site is not started by this program, and keeps it.
    /// </summary>
    public static ImmutableDictionary<string, string> Surroundings { get; } =
        ImmutableDictionary<string, string>.Empty.Add(OneMapping, Environment.GetEnvironmentVariable(OneMapping) ?? "0");

    /// <summary>The words that run one node until its parent ends.</summary>
    /// <param name="file">The node's file.</param>
    public static ImmutableArray<string> Node(string file) => [.. Words, "node", file, WithParentOption];

    /// <summary>How a command of it is started.</summary>
    /// <param name="name">What its process is called.</param>
    /// <param name="output">File to which everything it prints is appended.</param>
    /// <param name="arguments">The command.</param>
    public static ProcessLaunch Launch(string name, string output, IEnumerable<string> arguments) => new(name, [.. Words, .. arguments], output) { Environment = Surroundings };

    // Started as `dotnet fedkim.dll`, the executable is dotnet itself.
    private static ImmutableArray<string> Find()
    {
        string self = Environment.ProcessPath!, assembly = Path.Combine(AppContext.BaseDirectory, $"{Name}.dll");
        bool dotnet = Path.GetFileNameWithoutExtension(self) == "dotnet";
        return dotnet ? [self, assembly] : Assembly.GetEntryAssembly()?.GetName().Name == Name ? [self] : ["dotnet", assembly];
    }
}
