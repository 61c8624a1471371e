using VgpuPS.Core.Errors;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Nvml;

public sealed class NvmlStatusMappingTests
{
    public static TheoryData<NvmlStatus, string, Type, string, string> Rows => new()
    {
        {
            NvmlStatus.LibraryNotFound,
            "nvmlInit_v2",
            typeof(HostNotReadyException),
            ErrorIds.DriverNotReady,
            "nvidia-vgpu-mgr"
        },
        {
            NvmlStatus.DriverNotLoaded,
            "nvmlInit_v2",
            typeof(HostNotReadyException),
            ErrorIds.DriverNotReady,
            "modprobe nvidia"
        },
        {
            NvmlStatus.LibRmVersionMismatch,
            "nvmlInit_v2",
            typeof(HostNotReadyException),
            ErrorIds.DriverNotReady,
            "reboot"
        },
        { NvmlStatus.NotReady, "f", typeof(HostNotReadyException), ErrorIds.DriverNotReady, "systemctl" },
        { NvmlStatus.GpuIsLost, "f", typeof(HostNotReadyException), ErrorIds.DriverNotReady, "reboot" },
        { NvmlStatus.FunctionNotFound, "f", typeof(HostNotReadyException), ErrorIds.DriverNotReady, "nvidia-smi" },
        {
            NvmlStatus.ResetRequired,
            "f",
            typeof(HostNotReadyException),
            ErrorIds.ResetRequired,
            "nvidia-smi --gpu-reset -i 0000:41:00.0"
        },
        { NvmlStatus.NoPermission, "f", typeof(AccessDeniedException), ErrorIds.AccessDenied, "root" },
        { NvmlStatus.InUse, "f", typeof(ResourceBusyException), ErrorIds.ResourceBusy, "fuser -v /dev/nvidia*" },
        { NvmlStatus.InsufficientResources, "f", typeof(CapacityException), ErrorIds.NoFreePlacement, "nvidia-smi mig "
            + "-lgi" },
        { NvmlStatus.NotFound, "f", typeof(ObjectNotFoundException), ErrorIds.DeviceNotFound, "nvidia-smi -L" },
        { NvmlStatus.GpuNotFound, "f", typeof(ObjectNotFoundException), ErrorIds.DeviceNotFound, "nvidia-smi -L" },
        { NvmlStatus.Timeout, "f", typeof(HostTimeoutException), ErrorIds.Timeout, "journalctl -k" },
        {
            NvmlStatus.NotSupported,
            "nvmlDeviceSetMigMode",
            typeof(HostNotReadyException),
            ErrorIds.MigNotSupported,
            "nvidia-smi -q"
        },
        {
            NvmlStatus.NotSupported,
            "nvmlDeviceCreateGpuInstanceWithPlacement",
            typeof(HostNotReadyException),
            ErrorIds.MigModeMismatch,
            "nvidia-smi -mig 1 -i 0000:41:00.0"
        },
        {
            NvmlStatus.NotSupported,
            "nvmlDeviceGetSupportedVgpus",
            typeof(HostNotReadyException),
            ErrorIds.DriverNotReady,
            "nvidia-smi vgpu -s"
        },
        {
            NvmlStatus.NotSupported,
            "nvmlDeviceGetName",
            typeof(NativeCallException),
            ErrorIds.NativeCallFailed,
            "nvidia-smi"
        },
        { NvmlStatus.InvalidArgument, "f", typeof(NativeCallException), ErrorIds.NativeCallFailed, "nvidia-smi" },
        { NvmlStatus.Unknown, "f", typeof(NativeCallException), ErrorIds.NativeCallFailed, "nvidia-smi" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_status_says_what_to_do_next(
        NvmlStatus status, string function, Type exception, string errorId, string action)
    {
        var failure = Assert.ThrowsAny<VgpuException>(
            () => NvmlStatusMapping.ThrowIfFailed(status, function, "0000:41:00.0 (profile 14 at 0:1)"));
        Assert.IsType(exception, failure);
        Assert.Equal(errorId, failure.ErrorId);
        Assert.Contains(function, failure.Message, StringComparison.Ordinal);
        Assert.Contains($"({(int)status})", failure.Message, StringComparison.Ordinal);
        Assert.Contains("0000:41:00.0", failure.Message, StringComparison.Ordinal);
        Assert.Contains(action, failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_status_but_success_throws()
    {
        NvmlStatusMapping.ThrowIfFailed(NvmlStatus.Success, "f", null);
        foreach (var status in Enum.GetValues<NvmlStatus>().Where(status => status != NvmlStatus.Success))
        {
            Assert.ThrowsAny<VgpuException>(() => NvmlStatusMapping.ThrowIfFailed(status, "f", null));
        }
    }

    [Fact]
    public void The_raw_status_stays_with_the_exception()
    {
        var failure = Assert.Throws<NativeCallException>(
            () => NvmlStatusMapping.ThrowIfFailed(NvmlStatus.CorruptedInforom, "nvmlDeviceGetName", "x"));
        Assert.Equal(("nvmlDeviceGetName", 14), (failure.Function, failure.Status));
    }
}
