using System.Management.Automation;
using VgpuPS.Core.Errors;
using VgpuPS.Hook;
using VgpuPS.Text;
using Xunit;

namespace VgpuPS.Tests.Settings;

/// <summary>The one table from a class of failures to what both faces make of it.</summary>
public sealed class ErrorKindTests
{
    public static TheoryData<Type, ErrorCategory, int> Kinds => new()
    {
        { typeof(InvalidRequestException), ErrorCategory.InvalidArgument, 64 },
        { typeof(UnreadableDataException), ErrorCategory.InvalidData, 65 },
        { typeof(ObjectNotFoundException), ErrorCategory.ObjectNotFound, 66 },
        { typeof(HostNotReadyException), ErrorCategory.NotEnabled, 69 },
        { typeof(HostConnectionException), ErrorCategory.ConnectionError, 69 },
        { typeof(ProgramFaultException), ErrorCategory.NotSpecified, 70 },
        { typeof(NativeCallException), ErrorCategory.DeviceError, 74 },
        { typeof(HostCommandException), ErrorCategory.InvalidResult, 74 },
        { typeof(ResourceBusyException), ErrorCategory.ResourceBusy, 75 },
        { typeof(CapacityException), ErrorCategory.ResourceUnavailable, 75 },
        { typeof(HostTimeoutException), ErrorCategory.OperationTimeout, 75 },
        { typeof(AccessDeniedException), ErrorCategory.PermissionDenied, 77 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Both_faces_read_the_table(Type type, ErrorCategory category, int exitCode)
    {
        var failure = Make(type);
        Assert.Equal(category, ErrorRecords.From(failure).CategoryInfo.Category);
        Assert.Equal(exitCode, HookText.ExitCode(failure));
        Assert.Same(ErrorKind.Of(failure), ErrorKind.Find(type.Name));
        Assert.True(ErrorKind.Of(failure).Make is not { } make || make("Id", "m", "do", "t").GetType() == type);
    }

    [Fact]
    public void Every_class_of_failures_has_a_row() => Assert.Equal(
        typeof(VgpuException).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(VgpuException))).Select(t => t.Name)
            .Order(),
        Kinds.Select(row => row.Data.Item1.Name).Order());

    [Fact]
    public void A_stop_and_a_fault_have_codes_of_their_own()
    {
        Assert.Equal(75, HookText.ExitCode(new OperationCanceledException()));
        Assert.Equal(ErrorKind.Software, HookText.ExitCode(new InvalidOperationException("bug")));
    }

    private static VgpuException Make(Type type)
    {
        var parameters = type.GetConstructors().Single().GetParameters();
        return (VgpuException)Activator.CreateInstance(
            type,
            [.. parameters.Select(
                p => p.ParameterType == typeof(string) ? "t" : p.ParameterType == typeof(int) ? 1 : (object?)null)])!;
    }
}
