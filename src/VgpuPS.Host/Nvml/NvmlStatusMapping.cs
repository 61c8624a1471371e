using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

/// <summary>The only place where a status of NVML becomes an exception.</summary>
/// <remarks>Source: facts/nvml.md 2 (numbers and texts), 5 and 6 (what they mean on a host).</remarks>
internal static class NvmlStatusMapping
{
    private const string ReadDriverLog = "Check the driver with `nvidia-smi` and read `journalctl -k -g NVRM`.";

    /// <summary>Throws unless the call succeeded.</summary>
    /// <param name="status">What the call returned.</param>
    /// <param name="function">Name of the NVML function.</param>
    /// <param name="target">The object it was called on, such as an address; null for the library itself.</param>
    /// <exception cref="VgpuException">The subclass that says best what the caller can do next.</exception>
    public static void ThrowIfFailed(NvmlStatus status, string function, string? target)
    {
        if (status != NvmlStatus.Success)
        {
            throw ToException(status, function, target);
        }
    }

    /// <summary>The status as nvidia-smi prints it, with its number.</summary>
    /// <param name="status">The status.</param>
    public static string Describe(NvmlStatus status)
    {
        var text = status switch
        {
            NvmlStatus.InvalidArgument => "Invalid Argument",
            NvmlStatus.NotSupported => "Not Supported",
            NvmlStatus.NoPermission => "Insufficient Permissions",
            NvmlStatus.NotFound => "Not Found",
            NvmlStatus.InsufficientSize => "Insufficient Size",
            NvmlStatus.DriverNotLoaded => "Driver Not Loaded",
            NvmlStatus.LibraryNotFound => "Library Not Found",
            NvmlStatus.FunctionNotFound => "Function Not Found",
            NvmlStatus.GpuIsLost => "GPU is lost",
            NvmlStatus.ResetRequired => "Reset Required",
            NvmlStatus.LibRmVersionMismatch => "Driver/library version mismatch",
            NvmlStatus.InUse => "In use by another client",
            NvmlStatus.InsufficientResources => "Insufficient Resources",
            NvmlStatus.Unknown => "Unknown Error",
            _ => status.ToString(),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{text} ({(int)status})");
    }

    internal static VgpuException ToException(NvmlStatus status, string function, string? target)
    {
        var fact = target is null ? $"{function}: {Describe(status)}" : $"{function} on {target}: {Describe(status)}";
        return status switch
        {
            NvmlStatus.LibraryNotFound => NotReady(
                "The driver's library libnvidia-ml.so.1 is not installed", fact, target,
                "Install NVIDIA's vGPU host driver (the vgpu-kvm package), then check with "
                + "`systemctl status nvidia-vgpu-mgr` and `nvidia-smi`."),
            NvmlStatus.DriverNotLoaded => NotReady(
                "NVIDIA's kernel driver is not loaded", fact, target,
                "Run `modprobe nvidia`; after a kernel upgrade check `dkms status`, then `nvidia-smi`."),
            NvmlStatus.LibRmVersionMismatch => NotReady(
                "The driver's library and the loaded kernel driver are of different versions", fact, target,
                "Stop the host's VMs, then `reboot`: that loads the driver that is installed."),
            NvmlStatus.NotReady => NotReady(
                "The driver is not ready yet", fact, target,
                "Wait and try again; `systemctl status nvidia-vgpu-mgr` shows whether it is starting."),
            NvmlStatus.GpuIsLost => NotReady(
                "The GPU does not answer any more", fact, target,
                "Read `journalctl -k -g NVRM`, then reboot the host with `reboot`."),
            NvmlStatus.FunctionNotFound => NotReady(
                "The installed driver is too old for this", fact, target,
                "Install a newer vGPU host driver; `nvidia-smi` shows the present one."),
            NvmlStatus.ResetRequired => new HostNotReadyException(
                ErrorIds.ResetRequired, $"The GPU needs a reset first ({fact}).",
                ForGpu("nvidia-smi --gpu-reset", target) + " while no VM uses it, or reboot the host.", target),
            NvmlStatus.NoPermission => new AccessDeniedException(
                ErrorIds.AccessDenied, $"The driver refused for lack of permission ({fact}).",
                "Run the command as root: `su -`.", target),
            NvmlStatus.InUse => new ResourceBusyException(
                ErrorIds.ResourceBusy, $"The GPU is in use by another client ({fact}).",
                "Find who holds it with `fuser -v /dev/nvidia*` and `qm list`, and stop it.", target),
            NvmlStatus.InsufficientResources => new CapacityException(
                ErrorIds.NoFreePlacement, $"The GPU has no room left for it ({fact}).",
                "See what is taken with `nvidia-smi mig -lgi` and what fits with `nvidia-smi mig -lgipp`.", target),
            NvmlStatus.NotFound or NvmlStatus.GpuNotFound => new ObjectNotFoundException(
                ErrorIds.DeviceNotFound, $"The driver does not know {target ?? "it"} ({fact}).",
                "List the driver's GPUs with `nvidia-smi -L` and drivers in use with `lspci -nnk -d 10de:`.", target),
            NvmlStatus.Timeout => new HostTimeoutException(
                ErrorIds.Timeout, $"The driver did not answer in time ({fact}).", ReadDriverLog, target),
            NvmlStatus.NotSupported => NotSupported(fact, function, target),
            _ => new NativeCallException(
                ErrorIds.NativeCallFailed, $"NVML refused {fact}.", ReadDriverLog, function, (int)status, target),
        };
    }

    // What "not supported" means depends on the call: no MIG, MIG mode off, or no vGPU host driver.
    private static VgpuException NotSupported(string fact, string function, string? target) => function switch
    {
        "nvmlDeviceSetMigMode" => new HostNotReadyException(
            ErrorIds.MigModeMismatch, $"The GPU has no MIG mode ({fact}).",
            "Use a time-sliced vGPU type on it; `nvidia-smi -q -d MIG_MODE` shows which GPUs have MIG.", target),
        "nvmlDeviceCreateGpuInstanceWithPlacement" => new HostNotReadyException(
            ErrorIds.MigModeMismatch, $"MIG mode is off ({fact}).",
            ForGpu("nvidia-smi -mig 1", target) + " while the GPU is idle.", target),
        "nvmlDeviceSetVgpuHeterogeneousMode" => new HostNotReadyException(
            ErrorIds.MixedSizesNotReady, $"The GPU cannot mix sizes of vGPUs now, or not at all ({fact}).",
            ForGpu("nvidia-smi -q", target) + " and see its lines on heterogeneous time slices and on MIG mode.", target),
        "nvmlDeviceSetVgpuSchedulerState" => new HostNotReadyException(
            ErrorIds.SchedulerNotReady,
            $"The scheduler cannot be set while MIG mode is on or a vGPU exists ({fact}).",
            "Stop the VMs that use the GPU: `nvidia-smi vgpu` lists them.", target),
        "nvmlDeviceGetSupportedVgpus" or "nvmlDeviceGetCreatableVgpus" => new HostNotReadyException(
            ErrorIds.DriverNotReady, $"The installed driver offers no vGPU types ({fact}).",
            "Install NVIDIA's vGPU host driver (the vgpu-kvm package) and check `nvidia-smi vgpu -s`.", target),
        _ => new NativeCallException(
            ErrorIds.NativeCallFailed, $"NVML refused {fact}.", ReadDriverLog, function, (int)NvmlStatus.NotSupported,
            target),
    };

    private static HostNotReadyException NotReady(string what, string fact, string? target, string action) =>
        new(ErrorIds.DriverNotReady, $"{what} ({fact}).", action, target);

    // The target may name an instance behind the address; the command wants the address alone.
    private static string ForGpu(string command, string? target) =>
        target is null ? $"Run `{command}`" : $"Run `{command} -i {target.Split(' ')[0]}`";
}
