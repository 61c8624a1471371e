namespace VgpuPS.Host.Nvml;

/// <summary>The only place where a status of NVML becomes an exception.</summary>
/// <remarks>Source: facts/nvml.md 2 (numbers and texts), 5 and 6 (what they mean on a host).</remarks>
internal static class NvmlStatusMapping
{
    private const string ReadDriverLog = "see what the driver reports: nvidia-smi; journalctl -k -g NVRM";

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
                "the driver's library libnvidia-ml.so.1 is not installed", fact, target,
                "install NVIDIA's vGPU host driver (the vgpu-kvm package), then check it: "
                + "systemctl status nvidia-vgpu-mgr; nvidia-smi"),
            NvmlStatus.DriverNotLoaded => NotReady(
                "NVIDIA's kernel driver is not loaded", fact, target,
                "load it: modprobe nvidia; after a kernel upgrade also: dkms status; nvidia-smi"),
            NvmlStatus.LibRmVersionMismatch => NotReady(
                "the driver's library and the loaded kernel driver are of different versions", fact, target,
                "stop the host's VMs and load the installed driver with a restart: systemctl reboot"),
            NvmlStatus.NotReady => NotReady(
                "the driver is not ready yet", fact, target,
                "wait and try again; see whether it is starting: systemctl status nvidia-vgpu-mgr"),
            NvmlStatus.GpuIsLost => NotReady(
                "the GPU no longer answers", fact, target,
                "see why, then restart the host: journalctl -k -g NVRM; systemctl reboot"),
            NvmlStatus.FunctionNotFound => NotReady(
                "the installed driver is too old for this", fact, target,
                "install a newer vGPU host driver; see the present one: nvidia-smi"),
            NvmlStatus.ResetRequired => new HostNotReadyException(
                ErrorIds.ResetRequired, $"the GPU needs a reset first ({fact})",
                ForGpu("nvidia-smi --gpu-reset", target) + ", while no VM uses it, or restart the host", target),
            NvmlStatus.NoPermission => new AccessDeniedException(
                ErrorIds.AccessDenied, $"the driver refused for lack of permission ({fact})",
                "run the command as root: su -", target),
            NvmlStatus.InUse => new ResourceBusyException(
                ErrorIds.ResourceBusy, $"the GPU is in use by another client ({fact})",
                "find what holds it and stop it: fuser -v /dev/nvidia*; qm list", target),
            NvmlStatus.InsufficientResources => new CapacityException(
                ErrorIds.NoFreePlacement, $"insufficient capacity on the GPU ({fact})",
                "see what is taken and what fits: nvidia-smi mig -lgi; nvidia-smi mig -lgipp", target),
            NvmlStatus.NotFound or NvmlStatus.GpuNotFound => new ObjectNotFoundException(
                ErrorIds.DeviceNotFound, $"the driver does not know {target ?? "it"} ({fact})",
                "list the driver's GPUs and the drivers in use: nvidia-smi -L; lspci -nnk -d 10de:", target),
            NvmlStatus.Timeout => new HostTimeoutException(
                ErrorIds.Timeout, $"the driver did not answer in time ({fact})", ReadDriverLog, target),
            NvmlStatus.NotSupported => NotSupported(fact, function, target),
            _ => new NativeCallException(
                ErrorIds.NativeCallFailed, $"NVML refused {fact}", ReadDriverLog, function, (int)status, target),
        };
    }

    // What "not supported" means depends on the call: no MIG, MIG mode off, or no vGPU host driver.
    private static VgpuException NotSupported(string fact, string function, string? target) => function switch
    {
        "nvmlDeviceSetMigMode" => new HostNotReadyException(
            ErrorIds.MigNotSupported, $"the GPU has no MIG mode ({fact})",
            "use a time-sliced vGPU type on it; see which GPUs have MIG: nvidia-smi -q -d MIG_MODE", target),
        "nvmlDeviceCreateGpuInstanceWithPlacement" => new HostNotReadyException(
            ErrorIds.MigModeMismatch, $"MIG mode is off ({fact})",
            ForGpu("nvidia-smi -mig 1", target) + ", while the GPU is idle", target),
        "nvmlDeviceSetVgpuHeterogeneousMode" => new HostNotReadyException(
            ErrorIds.MixedSizesNotReady, $"the GPU cannot mix sizes of vGPUs now, or not at all ({fact})",
            ForGpu("nvidia-smi -q", target) + ", and see its lines on heterogeneous time slices and on MIG mode",
            target),
        "nvmlDeviceSetVgpuSchedulerState" => new HostNotReadyException(
            ErrorIds.SchedulerNotReady,
            $"the scheduler cannot be set while MIG mode is on or a vGPU exists ({fact})",
            "stop the VMs that use the GPU, as listed by: nvidia-smi vgpu", target),
        "nvmlDeviceGetSupportedVgpus" or "nvmlDeviceGetCreatableVgpus" => new HostNotReadyException(
            ErrorIds.DriverNotReady, $"the installed driver offers no vGPU types ({fact})",
            "install NVIDIA's vGPU host driver (the vgpu-kvm package), then check it: nvidia-smi vgpu -s", target),
        _ => new NativeCallException(
            ErrorIds.NativeCallFailed, $"NVML refused {fact}", ReadDriverLog, function, (int)NvmlStatus.NotSupported,
            target),
    };

    private static HostNotReadyException NotReady(string what, string fact, string? target, string action) =>
        new(ErrorIds.DriverNotReady, $"{what} ({fact})", action, target);

    // The target may name an instance behind the address; the command wants the address alone.
    private static string ForGpu(string command, string? target) =>
        target is null ? $"run: {command}" : $"run: {command} -i {target.Split(' ')[0]}";
}
