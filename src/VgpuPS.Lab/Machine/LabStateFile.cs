using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace VgpuPS.Lab.Machine;

/// <summary>A state shared by processes: read when it changed, written whole, under a real flock beside it.</summary>
internal sealed class LabStateFile(string path) : IDisposable
{
    private const int HeadLength = 64;

    private SafeFileHandle? _held;

    public LabState Acquire(LabState known)
    {
        _held = TakeLock();
        try
        {
            return ReadSequence() == known.Sequence ? known : Load();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Release(LabState state, bool hasChanged)
    {
        try
        {
            if (hasChanged)
            {
                Save(state);
            }
        }
        finally
        {
            Dispose();
        }
    }

    public void Create(LabState state)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _held = TakeLock();
        try
        {
            Save(state);
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _held?.Dispose();
        _held = null;
    }

    private LabState Load()
    {
        using var stream = File.OpenRead(path);
        var state = JsonSerializer.Deserialize(stream, LabStateJsonContext.Default.LabState)
            ?? throw new InvalidDataException($"{path} holds no state.");
        LabClusterState.Join(state);
        return state;
    }

    private void Save(LabState state)
    {
        state.Sequence++;
        var draft = path + ".new";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(state, LabStateJsonContext.Default.LabState));
        File.Move(draft, path, overwrite: true);
    }

    // The sequence is the first member, so an unchanged state costs one small read.
    private long ReadSequence()
    {
        using var file = File.OpenHandle(path);
        Span<byte> head = stackalloc byte[HeadLength];
        var text = Encoding.ASCII.GetString(head[..RandomAccess.Read(file, head, 0)]);
        var start = text.IndexOf(':', StringComparison.Ordinal) + 1;
        var end = text.IndexOf(',', StringComparison.Ordinal);
        return text.StartsWith("{\"sequence\"", StringComparison.Ordinal) && end > start
            && long.TryParse(text.AsSpan(start, end - start), CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"{path} is no state of a lab.");
    }

    private SafeFileHandle TakeLock()
    {
        var limit = Environment.TickCount64 + 30_000;
        while (true)
        {
            try
            {
                return File.OpenHandle(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Environment.TickCount64 < limit)
            {
                Thread.Sleep(1);
            }
        }
    }
}

/// <summary>Processes of this workstation that share a state file.</summary>
internal static class LabPids
{
    public static bool IsAlive(int pid) => pid == Environment.ProcessId
        || Directory.Exists("/proc/" + pid.ToString(CultureInfo.InvariantCulture));
}
