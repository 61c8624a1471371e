using System.Runtime.InteropServices;
using System.Text;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Linux;

/// <summary>
/// A program started by posix_spawn in a session of its own, its output in memory files: nobody waits for a pipe, and no
/// program can be stopped by a closed one.
/// </summary>
internal sealed unsafe class SpawnedProgram : IDisposable
{
    private const int OutputLimit = 64 * 1024;
    private const int OpaqueSize = 512;
    private const int SignalSetSize = 128;
    private const short DefaultSignalsAndMaskInNewSession = 0x04 | 0x08 | 0x80;
    private const int InheritedDescriptor = 3;

    private readonly int _output;
    private readonly int _error;
    private readonly int _input;

    private SpawnedProgram(int input, int output, int error)
    {
        _input = input;
        _output = output;
        _error = error;
    }

    public int Pid { get; private set; }

    /// <summary>Errno of a start that failed; 0 otherwise.</summary>
    public int StartErrno { get; private set; }

    public static SpawnedProgram Start(ProcessRequest request)
    {
        var program = new SpawnedProgram(MemoryFile("stdin"), MemoryFile("stdout"), MemoryFile("stderr"));
        program.WriteInput(request.Input);
        program.Spawn(request);
        return program;
    }

    /// <summary>Its end, if it has ended; the raw wait status.</summary>
    public int? TryReap()
    {
        int status;
        int result;
        do
        {
            result = Libc.WaitPid(Pid, &status, Libc.WaitNoHang);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return result == 0 ? null : result < 0 ? 0xFF00 : status;
    }

    /// <summary>Ends it and all its children that stayed in its session's group.</summary>
    public void Kill() => _ = Libc.Kill(-Pid, Libc.SignalKill);

    public string ReadOutput() => ReadTail(_output);

    public string ReadError() => ReadTail(_error);

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Libc.Close(_input);
        _ = Libc.Close(_output);
        _ = Libc.Close(_error);
    }

    private static int MemoryFile(string name)
    {
        const uint CloseOnExec = 1;
        var fd = Libc.CreateMemoryFile(name, CloseOnExec);
        return fd >= 0 ? fd : throw LinuxHostFiles.Failure("memfd_create", name);
    }

    private void WriteInput(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            if (bytes.Length > 0 && Libc.Write(_input, start, bytes.Length) != bytes.Length)
            {
                throw LinuxHostFiles.Failure("write", "stdin");
            }
        }

        _ = Libc.Seek(_input, 0, 0);
    }

    private void Spawn(ProcessRequest request)
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        var signals = stackalloc byte[SignalSetSize];
        new Span<byte>(signals, SignalSetSize).Fill(0xFF);
        _ = Libc.InitFileActions(actions);
        _ = Libc.InitAttributes(attributes);
        _ = Libc.SetAttributeFlags(attributes, DefaultSignalsAndMaskInNewSession);
        _ = Libc.SetDefaultSignals(attributes, signals);
        _ = Libc.AddDuplicate(actions, _input, 0);
        _ = Libc.AddDuplicate(actions, _output, 1);
        _ = Libc.AddDuplicate(actions, _error, 2);
        if (request.InheritedLock is LinuxFileLock held)
        {
            _ = Libc.AddDuplicate(actions, held.Descriptor, InheritedDescriptor);
        }

        using var arguments = new NativeTexts([request.FileName, .. request.Arguments]);
        using var environment = new NativeTexts(EnvironmentOf(request));
        StartErrno = Libc.Spawn(
            out var pid, request.FileName, actions, attributes, arguments.Pointer, environment.Pointer);
        Pid = pid;
        _ = Libc.DestroyFileActions(actions);
        _ = Libc.DestroyAttributes(attributes);
    }

    private static IEnumerable<string> EnvironmentOf(ProcessRequest request)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
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

        return variables.Select(v => $"{v.Key}={v.Value}");
    }

    private static string ReadTail(int fd)
    {
        var size = Libc.Seek(fd, 0, 2);
        var from = Math.Max(0, size - OutputLimit);
        var buffer = new byte[(int)(size - from)];
        fixed (byte* start = buffer)
        {
            if (buffer.Length > 0 && Libc.ReadAt(fd, start, buffer.Length, from) != buffer.Length)
            {
                return "";
            }
        }

        return new string([.. Encoding.UTF8.GetString(buffer).Where(c => !char.IsControl(c) || c is '\n' or '\t')]);
    }

    /// <summary>A null-terminated array of null-terminated texts, as exec wants it.</summary>
    private sealed class NativeTexts : IDisposable
    {
        private readonly List<nint> _texts;

        public NativeTexts(IEnumerable<string> texts)
        {
            _texts = [.. texts.Select(Marshal.StringToCoTaskMemUTF8)];
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)_texts.Count + 1, (nuint)sizeof(byte*));
            for (var i = 0; i < _texts.Count; i++)
            {
                Pointer[i] = (byte*)_texts[i];
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            _texts.ForEach(Marshal.FreeCoTaskMem);
            NativeMemory.Free(Pointer);
        }
    }
}
