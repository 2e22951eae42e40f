using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace FedKim.Models;

/// <summary>The native libraries of torch: where they come from and how many threads they use.</summary>
public static partial class TorchRuntime
{
    /// <summary>The libtorch this build of TorchSharp is made for, as major.minor.</summary>
    public const string LibtorchVersion = "2.10";

    // Each needs those before it; the CUDA ones are there only where PyTorch was built with CUDA.
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    /// <summary>Names the folder of an existing PyTorch installation where no setting does.</summary>
    public const string FolderVariable = "FEDKIM_LIBTORCH";

    /// <summary>The folder of an existing PyTorch installation that is to be used: the setting's, or else the environment's; null for none.</summary>
    public static string? FolderOf(string setting) =>
        setting.Length > 0 ? setting : Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named ? named : null;

    /// <summary>What is to be said where it cannot, to follow its key in a sentence.</summary>
    public const string CannotComputeAlike =
        $"is {TorchBits.SameEverywhere}, which Linux on a processor with AVX2 can do, and this is none. Say {TorchBits.ThisMachine}: the bits are then this machine's own.";

    /// <summary>Whether <see cref="TorchBits.SameEverywhere"/> can be had here.</summary>
    public static bool CanComputeAlike => OperatingSystem.IsLinux() && Avx2.IsSupported;

    /// <summary>Loads torch. Call it before anything else of torch is touched; called again it changes nothing.</summary>
    /// <param name="setting">
    /// Folder of an existing PyTorch installation (<c>site-packages/torch</c> or its <c>lib</c>) whose libraries are to be used, for a build
    /// with <c>-p:Torch=none</c>; empty for the one that <see cref="FolderVariable"/> names, or else the libraries the build brought along.
    /// </param>
    /// <param name="bits">Of <see cref="TorchBits.All"/>. Only who loads torch chooses.</param>
    /// <exception cref="TorchRuntimeException">The libraries are missing, do not fit, or do not load; the message says what to do.</exception>
    public static void Load(string setting = "", string bits = TorchBits.ThisMachine)
    {
        string? pytorchFolder = FolderOf(setting);
        // A waiting OpenMP thread spins by default, and two busy processes on few cores then slow each other down twentyfold.
        if (OperatingSystem.IsLinux())
        {
            SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
            KeepFreedMemory();
        }

        if (bits == TorchBits.SameEverywhere)
            ComputeAlike();
        if (pytorchFolder is not null)
            LoadFrom(pytorchFolder);
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            string remedy = pytorchFolder is null
                ? "Build with -p:Torch=cpu (the default) or -p:Torch=cuda, or name the folder of an installed PyTorch."
                : $"The PyTorch in {pytorchFolder} must be of version {LibtorchVersion}.";
            throw new TorchRuntimeException($"torch does not load: {(e.InnerException ?? e).Message.Trim()} {remedy}", e);
        }
    }

    // Read when the libraries are loaded. torch's own kernels and oneDNN's give the same bits wherever they are AVX2's, but for torch's square root, which
    // is an estimate that was improved, and oneDNN's convolutions of channels that fill no block of 8, which are wrong on processors that have more
    // than AVX2: neither is used. MKL gives Intel's processors other products than AMD's, but for the path it calls compatible.
    private static void ComputeAlike()
    {
        if (!CanComputeAlike)
            throw new TorchRuntimeException($"fedkim.torch.bits {CannotComputeAlike}");

        foreach (var (name, value) in ((string, string)[])[("ATEN_CPU_CAPABILITY", "avx2"), ("MKL_CBWR", "COMPATIBLE"), ("ONEDNN_MAX_CPU_ISA", "AVX2")])
            SetEnvironment(name, value, overwrite: 1);
    }

    // The runtime's own Environment does not reach the C library's, which is where OpenMP looks when it is loaded.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    // A training step frees what the next one allocates again. The C library would hand it back to the system in between, and each page would be
    // faulted in and zeroed anew, which is a tenth of what the demonstration's hospitals compute. Larger blocks than this still go back at once.
    private static void KeepFreedMemory()
    {
        const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;
        try
        {
            foreach (var (name, parameter, bytes) in ((string, int, int)[])
                [("MALLOC_TRIM_THRESHOLD_", TrimThreshold, 256 << 20), ("MALLOC_TOP_PAD_", TopPad, 8 << 20), ("MALLOC_MMAP_THRESHOLD_", MmapThreshold, 32 << 20)])
            {
                // Whoever says otherwise in the environment is obeyed.
                if (Environment.GetEnvironmentVariable(name) is null)
                    _ = SetAllocator(parameter, bytes);
            }
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than GNU's, with an allocator of its own.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);

    /// <summary>Sets how many threads an operation of torch may use. Other counts give other last bits, so the count belongs to a recorded plan.</summary>
    /// <param name="threads">1 or more.</param>
    public static void UseThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        torch.set_num_threads(threads);
    }

    private static void LoadFrom(string pytorchFolder)
    {
        string[] candidates = [Path.Combine(pytorchFolder, "lib"), pytorchFolder];
        string folder = candidates.FirstOrDefault(f => File.Exists(Path.Combine(f, "libtorch_cpu.so")))
            ?? throw new TorchRuntimeException($"{pytorchFolder} holds no libtorch_cpu.so, nor does its lib folder. Name the folder of a PyTorch, e.g. …/site-packages/torch.");
        // Two copies of libtorch in one process corrupt each other, and this program's own would be found first.
        if (NativeFolders().Select(f => Path.Combine(f, "libtorch_cpu.so")).FirstOrDefault(File.Exists) is { } own)
            throw new TorchRuntimeException($"This build brings its own libtorch ({own}); build with -p:Torch=none to use the PyTorch in {pytorchFolder}.");
        string version = Path.Combine(folder, "..", "version.py");
        if (File.Exists(version) && File.ReadLines(version).FirstOrDefault(l => l.StartsWith("__version__", StringComparison.Ordinal)) is { } line
            && !line.Contains($"'{LibtorchVersion}.", StringComparison.Ordinal))
        {
            throw new TorchRuntimeException($"{pytorchFolder} is of another version ({line.Trim()}); TorchSharp needs PyTorch {LibtorchVersion}.");
        }

        foreach (string library in Libraries.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            LoadLibrary(library);
        string binding = NativeFolders().Select(f => Path.Combine(f, "libLibTorchSharp.so")).FirstOrDefault(File.Exists)
            ?? throw new TorchRuntimeException("libLibTorchSharp.so is not among this program's files; build it again.");
        LoadLibrary(binding);
    }

    private static void LoadLibrary(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchRuntimeException($"{path} does not load: {e.Message}", e);
        }
    }

    private static IEnumerable<string> NativeFolders()
    {
        string known = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return known.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!);
    }
}

/// <summary>torch cannot be used on this machine, in words for the person who can mend it.</summary>
public sealed class TorchRuntimeException(string message, Exception? inner = null) : Exception(message, inner);
