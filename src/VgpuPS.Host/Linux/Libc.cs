using System.Runtime.InteropServices;

// The program's folder is not searched: who may create files in a snippets storage must not bring a libc.so.6 there.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.System32)]

namespace VgpuPS.Host.Linux;

/// <summary>The C library's calls that this product makes itself, so that each errno stays with its system
/// call.</summary>
/// <remarks>
/// Source: glibc 2.34, x86-64, the oldest this product runs on. Named by soname: <c>libc.so</c> is a linker script
/// where the development files are installed. Variadic functions (<c>open</c>, <c>fcntl</c>) take integer arguments in
/// the same registers as others on this architecture.
/// </remarks>
internal static unsafe partial class Libc
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int TruncateExisting = 0x200;
    public const int Append = 0x400;
    public const int NonBlocking = 0x800;
    public const int DirectoryOnly = 0x10000;
    public const int CloseOnExec = 0x80000;
    public const int LockExclusiveNonBlocking = 2 | 4;
    public const int LockSharedNonBlocking = 1 | 4;
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;
    public const int WaitNoHang = 1;
    public const int ProtectReadWrite = 1 | 2;
    public const int MapShared = 1;
    public const nint OpenProcessCall = 434;
    public const int DuplicateCloseOnExec = 1030;
    public const int SetStatusFlags = 4;
    public const int SignalChild = 17;

    private const string Library = "libc.so.6";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(int fd, byte* buffer, nint count, long offset);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(int fd, byte* buffer, nint count, long offset);

    /// <summary>getdents64: entries of a directory, 0 at its end.</summary>
    [LibraryImport(Library, EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint ReadEntries(int fd, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int fd, int command, int argument);

    /// <summary>fallocate(2), used to give the memory of old output back.</summary>
    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(int fd, int mode, long offset, long length);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(int fd, long length);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int fd);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int fd, int mode);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int fd, int operation);

    [LibraryImport(Library, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string source, string destination);

    [LibraryImport(Library, EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport(Library, EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectory(string path, int mode);

    [LibraryImport(Library, EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ReadLink(string path, byte* buffer, nint size);

    /// <summary>statx(2) on a path, links followed, or (empty path, flag) on a descriptor.</summary>
    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport(
        Library, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUserId();

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    /// <summary>pidfd_open(2), for which glibc has no name before 2.36.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial int OpenProcess(nint call, int pid, uint flags);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* MapMemory(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    public static partial int UnmapMemory(void* address, nuint length);

    /// <summary>posix_spawn(3): returns the errno instead of setting it.</summary>
    [LibraryImport(Library, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(
        out int pid, string path, byte* fileActions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitFileActions(byte* fileActions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int DestroyFileActions(byte* fileActions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(byte* fileActions, int fd, int newFd);

    /// <summary>In the child: closes all descriptors from this one on (glibc 2.34).</summary>
    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial int AddCloseFrom(byte* fileActions, int fd);

    /// <summary>In the child: changes the working directory (glibc 2.29).</summary>
    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addchdir_np",
        StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddChangeDirectory(byte* fileActions, string path);

    [LibraryImport(Library, EntryPoint = "sigaction", SetLastError = true)]
    public static partial int SignalAction(int signal, byte* action, byte* old);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int DestroyAttributes(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetAttributeFlags(byte* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetDefaultSignals(byte* attributes, byte* signals);
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Descriptor;
    public short Events;
    public short Happened;
}

/// <summary>The three descriptors that a program is started with.</summary>
public static class StandardStreams
{
    private const int GetFlags = 1;
    private const int GetStatusFlags = 3;

    /// <summary>Lets reads of standard input and writes to standard output wait: a connection may come as one that does
    /// not.</summary>
    public static void Block()
    {
        for (var descriptor = 0; descriptor <= 1; descriptor++)
        {
            if (Libc.Control(descriptor, GetStatusFlags, 0) is >= 0 and var flags)
            {
                _ = Libc.Control(descriptor, Libc.SetStatusFlags, flags & ~Libc.NonBlocking);
            }
        }
    }

    /// <summary>
    /// Fills those that are closed, before anything else is opened: the next file, such as a lock, would get their
    /// number and be written to. Output to a closed one fails like output to a full disk, and input ends at once.
    /// </summary>
    public static void Fill()
    {
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (Libc.Control(descriptor, GetFlags, 0) < 0)
            {
                // The lowest free number is the one that is missing.
                _ = Libc.Open(
                    descriptor == 0 ? "/dev/null" : "/dev/full", descriptor == 0 ? Libc.ReadOnly : Libc.WriteOnly, 0);
            }
        }
    }
}
