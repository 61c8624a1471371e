using System.Runtime.InteropServices;

// The program's folder is not searched: nothing that lies there may bring a libc.so.6.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.System32)]

namespace VgpuPS.Bench;

/// <summary>The calls of the C library that .NET hides.</summary>
/// <remarks>Source: glibc 2.34, x86-64; <c>open</c> and <c>fcntl</c> are variadic and take integers like
/// others.</remarks>
internal static unsafe partial class Libc
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int GetDescriptorFlags = 1;
    public const int Interrupted = 4;
    public const int Again = 11;

    private const string Library = "libc.so.6";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* bytes, nint count);

    /// <summary>Ends the process without what others have registered for its end: a library whose call hangs may wait
    /// for it there.</summary>
    [LibraryImport(Library, EntryPoint = "_exit")]
    public static partial void Exit(int code);
}
