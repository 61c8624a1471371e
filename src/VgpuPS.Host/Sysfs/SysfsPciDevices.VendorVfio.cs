using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Sysfs;

public sealed partial class SysfsPciDevices
{
    /// <summary>
    /// Sets the type of a function by writing <c>current_vgpu_type</c>, and reads it back; 0 for null, which deletes the vGPU.
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
                $"The driver took {type?.ToString() ?? "0"} as vGPU type of {function}, and {now?.ToString() ?? "0"} is still there.",
                "See why with `journalctl -k -g NVRM`; `vgpu-hook show` lists the function.", "write", 0,
                function.ToString());
        }
    }

    private VgpuException ForSetType(PciAddress function, VgpuTypeId? type, HostFileException failure)
    {
        var target = function.ToString();
        var fact = $"{failure.Operation} of {failure.Path}: {Errno.Describe(failure.Number)}";
        var wanted = type is { } id ? $"set the vGPU type {id} on {function}" : $"take the vGPU type off {function}";
        return (failure.Operation, failure.Number) switch
        {
            ("open", Errno.ENOENT) when !_reader.Exists(SysfsPaths.Device(function)) => new ObjectNotFoundException(
                ErrorIds.DeviceNotFound, $"The function {function} does not exist ({fact}).",
                "List the functions with `lspci -nn -d 10de:`.", target, failure),
            ("open", Errno.ENOENT) => new HostNotReadyException(
                ErrorIds.SriovNotReady, $"The function {function} does not offer vGPU types ({fact}).",
                "Check `systemctl status nvidia-vgpud nvidia-vgpu-mgr` and the driver with `lspci -k -s " + function
                + "`.", target, failure),
            (_, Errno.EACCES or Errno.EPERM) => new AccessDeniedException(
                ErrorIds.AccessDenied, $"The kernel refused to {wanted} for lack of permission ({fact}).",
                "Run the command as root: `su -`.", target, failure),
            (_, Errno.EBUSY) => new ResourceBusyException(
                ErrorIds.ResourceBusy, $"A VM still holds the function: the driver refused to {wanted} ({fact}).",
                "Find the VM with `qm list` and `fuser -v /dev/vfio/*`, and stop it with `qm stop <vmid>`.", target, failure),
            _ => new NativeCallException(
                ErrorIds.NativeCallFailed, $"The driver refused to {wanted} ({fact}).",
                type is null
                    ? "Check with `qm list` that no VM uses it, and read `journalctl -k -g NVRM`."
                    : "Read `journalctl -k -g NVRM`: 0x38 there means that GPU instances were made before the functions, "
                        + "or MIG mode does not fit the type; see what can be created with `nvidia-smi vgpu -c`.",
                failure.Operation, failure.Number, target, failure),
        };
    }
}
