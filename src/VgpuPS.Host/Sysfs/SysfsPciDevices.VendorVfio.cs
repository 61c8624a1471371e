namespace VgpuPS.Host.Sysfs;

public sealed partial class SysfsPciDevices
{
    /// <summary>
    /// Sets the type of a function by writing <c>current_vgpu_type</c>, and reads it back; 0 for null, which deletes
    /// the vGPU.
    /// </summary>
    /// <param name="function">The function.</param>
    /// <param name="type">The type, or null for none.</param>
    /// <exception cref="ObjectNotFoundException">The function does not exist.</exception>
    /// <exception cref="HostNotReadyException">The function has no vendor interface.</exception>
    /// <exception cref="ResourceBusyException">A running VM holds the function.</exception>
    /// <exception cref="NativeCallException">The driver refused, or reported success and did nothing.</exception>
    /// <remarks>Source: facts/host-behaviour.md 1.4 and 1.5, facts/errors.md D3-D5.</remarks>
    public void SetType(PciAddress function, VgpuTypeId? type)
    {
        var parameters = type is null ? ClearParameters(function, null) : "";
        try
        {
            files.WriteAttribute(SysfsPaths.CurrentType(function), type?.ToString() ?? "0");
        }
        catch (HostFileException failure)
        {
            throw ForSetType(function, type, failure);
        }

        if (ReadCurrentType(function) is var now && now != type)
        {
            throw new NativeCallException(
                ErrorIds.ReadBackMismatch,
                $"the driver accepted {type?.ToString() ?? "0"} as vGPU type of {function}, "
                    + $"and {now?.ToString() ?? "0"} is still there",
                "see why, and see the function: journalctl -k -g NVRM; vgpu-hook show", "write", 0,
                function.ToString());
        }

        if (parameters.Length > 0 && ReadParameters(function, null) is { Length: > 0 } left)
        {
            throw new NativeCallException(
                ErrorIds.ReadBackMismatch,
                $"the driver cleared the vGPU of {function}, and its plugin parameters '{left}' are still there",
                $"clear them by hand: echo ' ' > {SysfsPaths.Parameters(function, null)}", "write", 0,
                function.ToString());
        }
    }

    private VgpuException ForSetType(PciAddress function, VgpuTypeId? type, HostFileException failure)
    {
        var target = function.ToString();
        var fact = $"{failure.Operation} of {failure.Path}: {Errno.Describe(failure.Number)}";
        var wanted = type is { } id ? $"set the vGPU type {id} on {function}" : $"clear the vGPU type of {function}";
        return (failure.Operation, failure.Number) switch
        {
            ("open", Errno.ENOENT) when !_reader.Exists(SysfsPaths.Device(function)) => new ObjectNotFoundException(
                ErrorIds.DeviceNotFound, $"function {function} does not exist ({fact})",
                "list the functions: lspci -nn -d 10de:", target, failure),
            ("open", Errno.ENOENT) => new HostNotReadyException(
                ErrorIds.SriovNotReady, $"function {function} does not offer vGPU types ({fact})",
                "check the daemons and the driver: systemctl status nvidia-vgpud nvidia-vgpu-mgr; lspci -k -s "
                    + function, target, failure),
            (_, Errno.EACCES or Errno.EPERM) => new AccessDeniedException(
                ErrorIds.AccessDenied, $"the kernel refused to {wanted} for lack of permission ({fact})",
                "run the command as root: su -", target, failure),
            (_, Errno.EBUSY) => new ResourceBusyException(
                ErrorIds.ResourceBusy, $"a VM still holds the function: the driver refused to {wanted} ({fact})",
                "find the VM and stop it: qm list; fuser -v /dev/vfio/*; qm stop <vmid>", target, failure),
            _ => new NativeCallException(
                ErrorIds.NativeCallFailed, $"the driver refused to {wanted} ({fact})",
                type is null
                    ? "check that no VM uses it, and see why: qm list; journalctl -k -g NVRM"
                    : "see why: journalctl -k -g NVRM; 0x38 there means that GPU instances were created before the "
                        + "functions, "
                        + "or MIG mode does not fit the type; see what can be created: nvidia-smi vgpu -c",
                failure.Operation, failure.Number, target, failure),
        };
    }
}
