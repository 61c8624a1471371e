using System.Text;

namespace VgpuPS.Host.Linux;

/// <summary>
/// A page of memory that a hook and its worker share: who has the final decision, and what the worker does. Neither
/// waits for
/// the other to read or write it.
/// </summary>
/// <remarks>Source: memfd_create(2), mmap(2). Times are of the monotonic clock, which both read alike.</remarks>
public sealed unsafe class WorkerPage : IDisposable
{
    private const string Name = "vgpups-worker";
    private const int Size = 4096;
    private const int Undecided = 0;
    private const int Finished = 1;
    private const int Abandoned = 2;
    private const int LockedAtOffset = 8;
    private const int NotedAtOffset = 16;
    private const int LengthOffset = 24;
    private const int TextOffset = 32;
    private const int MaxText = 512;

    private readonly byte* _page;
    private readonly MemoryFile? _file;
    private readonly TimeProvider _clock;

    private WorkerPage(byte* page, MemoryFile? file, TimeProvider clock)
    {
        _page = page;
        _file = file;
        _clock = clock;
    }

    /// <summary>When the worker got the host lock; null while it has not got it.</summary>
    public long? LockedAt => Volatile.Read(ref At<long>(LockedAtOffset)) is > 0 and var at ? at : null;

    /// <summary>The worker's last call of the driver, write to the kernel or program, with its time; null before the
    /// first.</summary>
    public (string Text, long At)? LastCall
    {
        get
        {
            var length = Volatile.Read(ref At<int>(LengthOffset));
            return length is > 0 and <= MaxText
                ? (Encoding.UTF8.GetString(_page + TextOffset, length), Volatile.Read(ref At<long>(NotedAtOffset)))
                : null;
        }
    }

    /// <summary>Where a child inherits it from.</summary>
    internal int Descriptor => _file!.Descriptor;

    /// <summary>A new one, for the hook.</summary>
    /// <exception cref="HostFileException">The kernel has no memory for it.</exception>
    public static WorkerPage Create(TimeProvider clock)
    {
        var file = MemoryFile.ForInput(Name, new string('\0', Size));
        if (Map(file.Descriptor) is { } page)
        {
            return new WorkerPage((byte*)page, file, clock);
        }

        file.Dispose();
        throw LinuxHostFiles.Failure("mmap", Name);
    }

    /// <summary>The one that a worker inherits; null where it was not a hook that started it.</summary>
    public static WorkerPage? TryOpen(TimeProvider clock)
    {
        const int Inherited = SpawnedProgram.FirstOtherDescriptor;
        var isOurs = new LinuxHostFiles().ReadLink($"/proc/self/fd/{Inherited}") is { } target
            && target.StartsWith($"/memfd:{Name}", StringComparison.Ordinal);
        if (!isOurs || Map(Inherited) is not { } page)
        {
            return null;
        }

        _ = Libc.Close(Inherited);
        return new WorkerPage((byte*)page, null, clock);
    }

    /// <summary>The worker's final decision: what it made stays, unless the hook has given it up.</summary>
    /// <returns>False where it has: what was made must be rolled back.</returns>
    public bool TryFinish() => Interlocked.CompareExchange(ref At<int>(0), Finished, Undecided) != Abandoned;

    /// <summary>The hook's final decision: it waits no longer.</summary>
    /// <returns>False where the worker has finished meanwhile.</returns>
    public bool TryAbandon() => Interlocked.CompareExchange(ref At<int>(0), Abandoned, Undecided) != Finished;

    /// <summary>Shows whether the worker has the host lock.</summary>
    public void NoteLock(bool isHeld) =>
        Volatile.Write(ref At<long>(LockedAtOffset), isHeld ? _clock.GetTimestamp() : 0);

    /// <summary>Reports what the worker calls now.</summary>
    internal void Note(string text)
    {
        Volatile.Write(ref At<int>(LengthOffset), 0);
        Volatile.Write(ref At<long>(NotedAtOffset), _clock.GetTimestamp());
        var length = Encoding.UTF8.GetBytes(
            text.AsSpan(0, Math.Min(text.Length, MaxText / 4)), new Span<byte>(_page + TextOffset, MaxText));
        Volatile.Write(ref At<int>(LengthOffset), length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Libc.UnmapMemory(_page, Size);
        _file?.Dispose();
    }

    private static nint? Map(int descriptor)
    {
        var page = (nint)Libc.MapMemory(null, Size, Libc.ProtectReadWrite, Libc.MapShared, descriptor, 0);
        return page == -1 ? null : page;
    }

    private ref T At<T>(int offset)
        where T : unmanaged => ref *(T*)(_page + offset);
}

/// <summary>What this process calls now, reported to the hook that waits for it; nothing where none does.</summary>
public static class CallTrace
{
    /// <summary>Where it is reported.</summary>
    public static WorkerPage? Page { get; set; }

    internal static void Note(string text) => Page?.Note(text);
}
