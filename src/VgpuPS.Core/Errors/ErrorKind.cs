namespace VgpuPS.Core.Errors;

/// <summary>A class of failures, and what every face makes of it: the one table of them.</summary>
/// <param name="Name">Name of the class, which travels from an agent.</param>
/// <param name="Category">Name of PowerShell's error category.</param>
/// <param name="ExitCode">The hook's exit code, as in sysexits.h.</param>
/// <param name="Make">
/// Makes one of error id, message, recommended action and target; null for a class that has more than these.
/// </param>
public sealed record ErrorKind(
    string Name, string Category, int ExitCode, Func<string, string, string, string?, VgpuException>? Make)
{
    /// <summary>Exit code of a fault of the program: everything that no other code says.</summary>
    public const int Software = 70;

    private static readonly Dictionary<string, ErrorKind> s_kinds = new ErrorKind[]
    {
        Row<InvalidRequestException>("InvalidArgument", 64, (id, m, a, t) => new InvalidRequestException(id, m, a, t)),
        Row<UnreadableDataException>("InvalidData", 65, (id, m, a, t) => new UnreadableDataException(id, m, a, t)),
        Row<ObjectNotFoundException>("ObjectNotFound", 66, (id, m, a, t) => new ObjectNotFoundException(id, m, a, t)),
        Row<HostNotReadyException>("NotEnabled", 69, (id, m, a, t) => new HostNotReadyException(id, m, a, t)),
        Row<HostConnectionException>("ConnectionError", 69),
        Row<ProgramFaultException>("NotSpecified", Software, (id, m, a, t) => new ProgramFaultException(id, m, a, t)),
        Row<NativeCallException>("DeviceError", 74),
        Row<HostCommandException>("InvalidResult", 74),
        Row<ResourceBusyException>("ResourceBusy", 75, (id, m, a, t) => new ResourceBusyException(id, m, a, t)),
        Row<CapacityException>("ResourceUnavailable", 75, (id, m, a, t) => new CapacityException(id, m, a, t)),
        Row<HostTimeoutException>("OperationTimeout", 75, (id, m, a, t) => new HostTimeoutException(id, m, a, t)),
        Row<AccessDeniedException>("PermissionDenied", 77, (id, m, a, t) => new AccessDeniedException(id, m, a, t)),
    }.ToDictionary(kind => kind.Name, StringComparer.Ordinal);

    /// <summary>The kind of a failure.</summary>
    public static ErrorKind Of(VgpuException failure) => s_kinds[failure.GetType().Name];

    /// <summary>The kind of that name; null where there is none.</summary>
    public static ErrorKind? Find(string name) => s_kinds.GetValueOrDefault(name);

    private static ErrorKind Row<T>(
        string category, int exitCode, Func<string, string, string, string?, VgpuException>? make = null)
        where T : VgpuException => new(typeof(T).Name, category, exitCode, make);
}
