using System.Collections;
using System.Runtime.InteropServices;

namespace VgpuPS.Host.Linux;

/// <summary>
/// A program started by posix_spawn in a session of its own, its output in memory files: no caller waits for a pipe,
/// and no
/// program can be stopped by a closed one.
/// </summary>
/// <remarks>Source: posix_spawn(3), waitpid(2); sizes of the opaque structs and of the signal set: glibc,
/// x86-64.</remarks>
internal sealed unsafe class SpawnedProgram : IDisposable
{
    private const int FileActionsSize = 80;
    private const int AttributesSize = 336;
    private const int SignalSetSize = 128;
    private const int SignalActionSize = 152;
    private const int IgnoreSignal = 1;
    private const short DefaultSignalsEmptyMaskNewSession = 0x04 | 0x08 | 0x80;
    /// <summary>The first descriptor beyond standard input and outputs; what a program inherits is there.</summary>
    public const int FirstOtherDescriptor = 3;


    private readonly MemoryFile _output;
    private readonly MemoryFile _error;

    private SpawnedProgram(int pid, MemoryFile output, MemoryFile error)
    {
        Pid = pid;
        _output = output;
        _error = error;
    }

    /// <summary>Its process id, which is the id of its session and group as well.</summary>
    public int Pid { get; }

    /// <summary>Starts the program.</summary>
    /// <param name="request">The program.</param>
    /// <param name="inherited">A descriptor for it instead of a lock, from 10 on; -1 for none.</param>
    /// <exception cref="HostFileException">It could not be started; the errno says why.</exception>
    public static SpawnedProgram Start(ProcessRequest request, int inherited = -1)
    {
        KeepEndedChildren();
        using var input = MemoryFile.ForInput("stdin", request.Input);
        MemoryFile? output = null;
        MemoryFile? error = null;
        try
        {
            output = MemoryFile.ForOutput("stdout");
            error = MemoryFile.ForOutput("stderr");
            var pid = Spawn(request, [input.Descriptor, output.Descriptor, error.Descriptor], inherited);
            return new SpawnedProgram(pid, output, error);
        }
        catch
        {
            output?.Dispose();
            error?.Dispose();
            throw;
        }
    }

    /// <summary>Whether the process has ended; it is reaped then.</summary>
    /// <param name="pid">A child of ours.</param>
    /// <param name="status">The wait status; null when it ended and another thread reaped it.</param>
    public static bool TryReap(int pid, out int? status)
    {
        int raw;
        int result;
        do
        {
            result = Libc.WaitPid(pid, &raw, Libc.WaitNoHang);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        status = result > 0 ? raw : null;
        return result != 0;
    }

    /// <summary>Ends it and all its children that stayed in its group.</summary>
    public void Kill() => _ = Libc.Kill(-Pid, Libc.SignalKill);

    /// <summary>Drops what is not read of a long output.</summary>
    public void TrimOutput()
    {
        _output.Trim();
        _error.Trim();
    }

    /// <summary>The end of its standard output.</summary>
    public string ReadOutput() => _output.ReadTail();

    /// <summary>The end of its standard error.</summary>
    public string ReadError() => _error.ReadTail();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private static int Spawn(ProcessRequest request, ReadOnlySpan<int> standard, int other)
    {
        using var arguments = new NativeTexts([request.FileName, .. request.Arguments]);
        using var environment = new NativeTexts(EnvironmentOf(request));
        var inherited = DuplicateLock(request.InheritedLock);
        var actions = stackalloc byte[FileActionsSize];
        var attributes = stackalloc byte[AttributesSize];
        try
        {
            var errno = FirstFailure(Libc.InitFileActions(actions), Libc.InitAttributes(attributes));
            var pid = 0;
            errno = errno != 0 ? errno : AddActions(actions, standard, inherited >= 0 ? inherited : other);
            errno = errno != 0 ? errno : SetSignalsAndSession(attributes);
            errno = errno != 0 ? errno : Libc.Spawn(
                out pid, request.FileName, actions, attributes, arguments.Pointer, environment.Pointer);
            return errno == 0 ? pid : throw new HostFileException("posix_spawn", request.FileName, errno);
        }
        finally
        {
            _ = Libc.DestroyFileActions(actions);
            _ = Libc.DestroyAttributes(attributes);
            if (inherited >= 0)
            {
                _ = Libc.Close(inherited);
            }
        }
    }

    /// <summary>The child gets the three standard descriptors and the lock, and nothing else of ours.</summary>
    private static int AddActions(byte* actions, ReadOnlySpan<int> standard, int inherited)
    {
        var first = FirstOtherDescriptor;
        var errno = FirstFailure(
            Libc.AddChangeDirectory(actions, "/"), Libc.AddDuplicate(actions, standard[0], 0),
            Libc.AddDuplicate(actions, standard[1], 1), Libc.AddDuplicate(actions, standard[2], 2));
        if (inherited >= 0 && errno == 0)
        {
            errno = Libc.AddDuplicate(actions, inherited, first++);
        }

        return errno != 0 ? errno : Libc.AddCloseFrom(actions, first);
    }

    // .NET ignores SIGPIPE, and an ignored signal stays ignored across exec. The mask is empty as initialised.
    private static int SetSignalsAndSession(byte* attributes)
    {
        var signals = stackalloc byte[SignalSetSize];
        new Span<byte>(signals, SignalSetSize).Fill(0xFF);
        return FirstFailure(
            Libc.SetAttributeFlags(attributes, DefaultSignalsEmptyMaskNewSession),
            Libc.SetDefaultSignals(attributes, signals));
    }

    private static int FirstFailure(params ReadOnlySpan<int> results)
    {
        foreach (var result in results)
        {
            if (result != 0)
            {
                return result;
            }
        }

        return 0;
    }

    private static int DuplicateLock(IHostFileLock? taken)
    {
        if (taken is null)
        {
            return -1;
        }

        var descriptor = taken is LinuxFileLock held
            ? held.Descriptor
            : throw new ArgumentException($"A {taken.GetType().Name} has no descriptor to inherit", nameof(taken));
        var copy = Libc.Control(descriptor, Libc.DuplicateCloseOnExec, MemoryFile.LowestDescriptor);
        return copy >= 0 ? copy : throw LinuxHostFiles.Failure("fcntl", "lock");
    }

    /// <summary>Undoes a caller's <c>SIGCHLD</c> set to be ignored, with which no exit code could be had.</summary>
    private static void KeepEndedChildren()
    {
        var action = stackalloc byte[SignalActionSize];
        new Span<byte>(action, SignalActionSize).Clear();
        if (Libc.SignalAction(Libc.SignalChild, null, action) == 0 && *(nint*)action == IgnoreSignal)
        {
            new Span<byte>(action, SignalActionSize).Clear();
            _ = Libc.SignalAction(Libc.SignalChild, action, null);
        }
    }

    private static List<string> EnvironmentOf(ProcessRequest request)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        foreach (var (name, value) in request.Environment)
        {
            if (value is null)
            {
                variables.Remove(name);
            }
            else
            {
                variables[name] = value;
            }
        }

        return [.. variables.Select(v => $"{v.Key}={v.Value}")];
    }
}

/// <summary>A null-terminated array of null-terminated texts, as exec wants it.</summary>
internal sealed unsafe class NativeTexts : IDisposable
{
    private readonly List<nint> _texts;

    /// <exception cref="ArgumentException">A text holds a null character, which would cut it short.</exception>
    public NativeTexts(IReadOnlyList<string> texts)
    {
        if (texts.FirstOrDefault(t => t.Contains('\0', StringComparison.Ordinal)) is { } broken)
        {
            throw new ArgumentException($"'{broken.Replace('\0', '?')}' holds a null character", nameof(texts));
        }

        _texts = [.. texts.Select(Marshal.StringToCoTaskMemUTF8)];
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)_texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < _texts.Count; i++)
        {
            Pointer[i] = (byte*)_texts[i];
        }
    }

    /// <summary>The array.</summary>
    public byte** Pointer { get; }

    public void Dispose()
    {
        _texts.ForEach(Marshal.FreeCoTaskMem);
        NativeMemory.Free(Pointer);
    }
}
