using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Sysfs;

/// <summary>What a refused write to a mediated device means, and what to do.</summary>
/// <remarks>Source: facts/linux-and-build.md B.3 (errnos by system call), facts/errors.md D1, D4, D6-D8.</remarks>
internal static class MediatedDeviceErrors
{
    private const string ReadDriverLog = "Read what the driver says with `journalctl -k -g NVRM`";

    public static VgpuException ForCreate(
        PciAddress function, VgpuTypeId type, MdevUuid uuid, HostFileException failure)
    {
        var errno = failure.Number;
        var target = function.ToString();
        var fact = $"{failure.Operation} of {failure.Path}: {Errno.Describe(errno)}";
        return (failure.Operation, errno) switch
        {
            ("open", Errno.ENOENT) => new ObjectNotFoundException(
                ErrorIds.VgpuTypeNotFound, $"{function} does not offer the type {type.MdevName} ({fact}).",
                $"List its types with `ls /sys/bus/pci/devices/{function}/mdev_supported_types`.", target, failure),
            (_, Errno.EEXIST) => new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"A mediated device with the UUID {uuid} exists, or is still being removed ({fact}).",
                $"See where it is with `ls -l /sys/bus/mdev/devices/{uuid}`; stop the VM that holds it with `qm stop`.",
                target, failure),
            (_, Errno.ENOSPC or Errno.EUSERS) => new CapacityException(
                ErrorIds.TypeNotCreatable, $"{function} has no instance of {type.MdevName} left ({fact}).",
                "See what is taken with `nvidia-smi vgpu` and what can be created with `nvidia-smi vgpu -c`.", target,
                failure),
            (_, Errno.EACCES or Errno.EPERM) => Denied(fact, target, failure),
            _ => new NativeCallException(
                ErrorIds.NativeCallFailed,
                $"The driver refused to create {type.MdevName} with the UUID {uuid} on {function} ({fact}).",
                ReadDriverLog + " and check `nvidia-smi vgpu -c`.", failure.Operation, errno, target, failure),
        };
    }

    public static VgpuException ForRemove(MdevUuid uuid, PciAddress? parent, string operation, int errno)
    {
        var fact = $"{operation} of {SysfsPaths.MediatedDevice(uuid)}/remove: {Errno.Describe(errno)}";
        return errno is Errno.EACCES or Errno.EPERM
            ? Denied(fact, uuid.Value, null)
            : new NativeCallException(
                ErrorIds.NativeCallFailed, $"The mediated device {uuid} on {Name(parent)} was not removed ({fact}).",
                ReadDriverLog + ".", operation, errno, uuid.Value);
    }

    public static NativeCallException NotRemoved(MdevUuid uuid, PciAddress? parent) => new(
        ErrorIds.ReadBackMismatch,
        $"The kernel took the removal of the mediated device {uuid} on {Name(parent)}, and it is still there.",
        $"{ReadDriverLog}; see it with `ls -l {SysfsPaths.MediatedDevice(uuid)}`.", "write", 0, uuid.Value);

    public static HostTimeoutException StillHeld(MdevUuid uuid, PciAddress? parent, TimeSpan deadline)
    {
        var holder = uuid.Guest is { } guest ? $"QEMU of VM {guest.Vm} may hold it" : "a process holds it";
        var seconds = deadline.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        return new HostTimeoutException(
            ErrorIds.Timeout,
            $"The mediated device {uuid} on {Name(parent)} was not removed within {seconds} s: {holder}.",
            uuid.Guest is { } vm
                ? $"Check `qm status {vm.Vm}` and `fuser -v /dev/vfio/*`, and stop the VM with `qm stop {vm.Vm}`."
                : "Find the process with `fuser -v /dev/vfio/*` and stop it.",
            uuid.Value);
    }

    private static AccessDeniedException Denied(string fact, string target, Exception? inner) =>
        new(ErrorIds.AccessDenied, $"The kernel refused for lack of permission ({fact}).",
            "Run the command as root: `su -`.", target, inner);

    private static string Name(PciAddress? parent) => parent?.ToString() ?? "an unknown function";
}
